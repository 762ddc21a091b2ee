package io.agenttier.controller.kube;

import io.agenttier.api.Sandbox;
import io.agenttier.controller.plan.Refusal;

/** What became of a write to a Sandbox. */
public sealed interface Written {
    /** The sandbox as the server has it now. */
    record Done(Sandbox sandbox) implements Written {}

    record Refused(Refusal refusal) implements Written {}
}
