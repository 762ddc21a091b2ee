package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.MalformedException;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.Subresource;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** POST {@code stop} and {@code resume}: writes the wanted power state; the controller gets there. */
final class PowerResource implements Subresource {
    private static final long BODY_BYTES = 64 * 1024;

    /** Which of the two. */
    enum Direction {
        STOP("stop", "stopping"),
        RESUME("resume", "resuming");

        private final String call;
        private final String answer;

        Direction(String call, String answer) {
            this.call = call;
            this.answer = answer;
        }
    }

    /**
     * The body may be empty.
     *
     * @param newVolume of a resume: begin on a new volume if the sandbox's own is gone
     */
    record SandboxPowerRequest(
            @Nullable String apiVersion,
            @Nullable String kind,
            @Nullable Boolean newVolume) {}

    private final Direction direction;
    private final Sandboxes sandboxes;
    private final Power power;
    private final InstantSource clock;

    PowerResource(Direction direction, Sandboxes sandboxes, Power power, InstantSource clock) {
        this.direction = direction;
        this.sandboxes = sandboxes;
        this.power = power;
        this.clock = clock;
    }

    @Override
    public String name() {
        return direction.call;
    }

    @Override
    public Set<String> methods() {
        return Set.of("POST");
    }

    @Override
    public String kind() {
        return "SandboxPowerResponse";
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        boolean newVolume = isNewVolume(exchange);
        if (newVolume && direction == Direction.STOP) {
            throw Parameters.bad("newVolume is about the start of a sandbox: leave it out of a stop");
        }
        if (newVolume) {
            exchange.note(Note.NEW_VOLUME, "true");
        }
        var state = sandboxes
                .live(call.namespace(), call.name())
                .orElseThrow(() -> new ApiException(Reach.notFound(call.namespace(), call.name())));
        var refusal = switch (direction) {
            case STOP -> PowerRules.refuseStop(state);
            case RESUME -> PowerRules.refuseResume(state, newVolume);
        };
        if (refusal.isPresent()) {
            throw new ApiException(refusal.get());
        }
        switch (direction) {
            case STOP -> power.stop(state, call.user().name());
            case RESUME ->
                power.resume(state, call.user().name(), PowerRules.startRequestedAt(state, clock.instant()), newVolume);
        }
        var document = Documents.of(kind());
        document.put("status", direction.answer);
        exchange.answer(Documents.answer(call, 200, document));
    }

    private static boolean isNewVolume(Exchange exchange) throws IOException {
        byte[] bytes;
        try (var body = exchange.body(BODY_BYTES)) {
            bytes = body.readAllBytes();
        }
        if (Utf8.decode(bytes).map(String::isBlank).orElse(false)) {
            return false;
        }
        try {
            return Boolean.TRUE.equals(
                    Json.read(bytes, SandboxPowerRequest.class).newVolume());
        } catch (MalformedException e) {
            throw Parameters.bad("the request body is no valid SandboxPowerRequest: %s".formatted(e.getMessage()));
        }
    }
}
