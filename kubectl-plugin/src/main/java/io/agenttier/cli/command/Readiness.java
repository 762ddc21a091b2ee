package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;

/** What a Sandbox says about being ready. Judged only on a status that describes the present spec. */
sealed interface Readiness {
    record Ready() implements Readiness {}

    /** @param why one sentence; may be empty */
    record NotYet(String why) implements Readiness {}

    /** Waiting longer does not help without somebody doing something. */
    record Never(String why) implements Readiness {}

    static Readiness of(Json sandbox) {
        if (!sandbox.at("metadata", "deletionTimestamp").isAbsent()) {
            return new Never("it is being deleted");
        }
        var status = sandbox.at("status");
        long observed = status.at("observedGeneration").number().orElse(-1);
        long wanted = sandbox.at("metadata", "generation").number().orElse(0);
        if (observed < wanted) {
            return new NotYet("the controller has not seen it yet");
        }
        var ready = status.at("conditions").items().stream()
                .filter(condition -> condition.at("type").textOrEmpty().equals("Ready"))
                .findFirst()
                .orElse(Json.ABSENT);
        if (ready.at("status").textOrEmpty().equals("True")) {
            return new Ready();
        }
        var why = why(ready, status);
        boolean isHopeless = status.at("phase").textOrEmpty().equals("Error")
                || ready.at("reason").textOrEmpty().equals("NotSupported");
        return isHopeless ? new Never(why) : new NotYet(why);
    }

    private static String why(Json ready, Json status) {
        var reason = ready.at("reason").textOrEmpty();
        var message = ready.at("message").text().orElse(status.at("message").textOrEmpty());
        if (reason.isEmpty() || message.isEmpty()) {
            return reason + message;
        }
        return reason + ": " + message;
    }
}
