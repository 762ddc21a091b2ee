package io.agenttier.controller.kube;

import io.agenttier.controller.plan.Refusal;

/** The API server did not answer a read: its own trouble, or a missing right of this program. Worth another try later. */
public final class RefusedRead extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedRead(Refusal refusal) {
        super("the API server answered " + refusal.code() + " " + refusal.reason() + ": " + refusal.message());
    }
}
