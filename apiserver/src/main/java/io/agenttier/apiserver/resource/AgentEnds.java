package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.telemetry.AgentEnd;
import io.agenttier.apiserver.telemetry.OutputBytes;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What metrics and spans are told of a call of agent mode. */
final class AgentEnds {
    private AgentEnds() {}

    /** Of one that ran nothing. */
    static AgentEnd of(Call call, String template, String outcome, Instant now) {
        return of(call, template, outcome, call.received(), Duration.between(call.received(), now), null, null);
    }

    static AgentEnd of(
            Call call,
            String template,
            String outcome,
            Instant began,
            Duration took,
            @Nullable Integer exitCode,
            @Nullable OutputBytes output) {
        return new AgentEnd(
                call.span(),
                call.namespace(),
                call.name(),
                call.user().name(),
                template,
                outcome,
                began,
                took,
                exitCode,
                output);
    }
}
