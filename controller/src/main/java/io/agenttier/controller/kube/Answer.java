package io.agenttier.controller.kube;

import io.agenttier.controller.plan.Refusal;

/** What the API server answered. A connection that failed is an exception instead. */
public sealed interface Answer {
    /** 2xx with this JSON body. */
    record Done(String body) implements Answer {}

    record Refused(Refusal refusal) implements Answer {}
}
