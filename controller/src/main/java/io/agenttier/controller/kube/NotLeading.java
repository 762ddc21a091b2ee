package io.agenttier.controller.kube;

/** A write was stopped because this process can no longer be sure to hold the Lease. Another replica goes on. */
public final class NotLeading extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotLeading() {
        super("the Lease may be held by another replica by now");
    }
}
