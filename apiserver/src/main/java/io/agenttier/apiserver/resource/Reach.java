package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.sandboxd.Endpoint;
import java.util.Optional;

/** Whether a sandbox in a given state can serve a call, and where. Pure. */
sealed interface Reach {
    record At(Endpoint endpoint) implements Reach {}

    record Refused(ApiError error) implements Reach {}

    static Reach of(Optional<SandboxState> found, String namespace, String name, int port, Use use) {
        if (found.isEmpty()) {
            return new Refused(notFound(namespace, name));
        }
        var state = found.get();
        var living = state.pods().stream()
                .filter(pod -> !pod.terminating() && pod.incarnation().matches("[0-9a-f]{8}"))
                .toList();
        if (use.incarnation().isPresent()) {
            var wanted = use.incarnation().get();
            boolean exists =
                    state.pods().stream().anyMatch(pod -> pod.incarnation().equals(wanted));
            if (!exists) {
                return new Refused(gone(state, use, wanted));
            }
        }
        if (state.deleting()) {
            return new Refused(wrongPhase(state, use, "Deleting", "it cannot be used any more"));
        }
        return living.stream()
                .filter(pod -> pod.ready() && !pod.ip().isEmpty())
                .filter(pod ->
                        use.incarnation().isEmpty() || use.incarnation().get().equals(pod.incarnation()))
                .findFirst()
                .<Reach>map(pod -> new At(new Endpoint(pod.ip(), port, pod.incarnation())))
                .orElseGet(() -> new Refused(notReady(state, use)));
    }

    static ApiError notFound(String namespace, String name) {
        return new ApiError.NotFound(
                "sandboxes",
                name,
                "sandboxes.agenttier.io \"%s\" not found in namespace \"%s\"".formatted(name, namespace));
    }

    private static ApiError gone(SandboxState state, Use use, String wanted) {
        return new ApiError.Gone(
                "%s belongs to incarnation %s of sandbox \"%s\", whose pod is gone, and its processes and output with it"
                        .formatted(use.handle(), wanted, state.name()));
    }

    /** A process named without its incarnation, of a sandbox that has no pod. */
    static ApiError gone(SandboxState state, Use use) {
        return new ApiError.Gone(
                "%s belonged to a pod of sandbox \"%s\" that is gone, and its processes and output with it"
                        .formatted(use.handle(), state.name()));
    }

    private static ApiError notReady(SandboxState state, Use use) {
        var name = state.name();
        return switch (state.phase()) {
            case "Stopped" -> wrongPhase(state, use, "Stopped", "run \"kubectl sandbox resume %s\"".formatted(name));
            case "Error" ->
                wrongPhase(
                        state,
                        use,
                        "Error",
                        "see status.message of the sandbox, then run \"kubectl sandbox resume %s\"".formatted(name));
            case "Deleting" -> wrongPhase(state, use, "Deleting", "it cannot be used any more");
            case "Running" ->
                wrongPhase(
                        state,
                        use,
                        "Running but its pod is not ready",
                        "it is stopping or being restarted; run \"kubectl wait --for=condition=Ready sandbox/%s\""
                                .formatted(name));
            default ->
                wrongPhase(
                        state,
                        use,
                        "Creating",
                        "run \"kubectl wait --for=condition=Ready sandbox/%s\"".formatted(name));
        };
    }

    private static ApiError wrongPhase(SandboxState state, Use use, String phase, String remedy) {
        return new ApiError.Conflict(
                "sandboxes",
                state.name(),
                "sandbox \"%s\" is %s, %s needs Running: %s".formatted(state.name(), phase, use.call(), remedy));
    }
}
