package io.agenttier.controller.plan;

import io.agenttier.api.Reasons;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxStatus;
import java.time.Instant;

/** What is told of a sandbox whose spec cannot be read. */
public final class UnreadablePlan {
    private UnreadablePlan() {}

    /**
     * @param sandbox as far as it can be read
     * @param why which fields cannot, and how so
     */
    public static SandboxStatus of(Sandbox sandbox, String why, Instant now) {
        var status = new Draft(sandbox, now)
                .notReady(
                        Reasons.CONFIG_ERROR,
                        "spec cannot be read (" + why + "): write these fields as the schema of Sandbox has them")
                .build();
        return Configured.shown(sandbox, status, now);
    }
}
