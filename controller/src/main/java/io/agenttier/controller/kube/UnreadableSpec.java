package io.agenttier.controller.kube;

import io.agenttier.api.Sandbox;

/** The spec of a sandbox is no spec, as after a change of the schema: nothing may be made of it, not even of the part that can be read. */
public final class UnreadableSpec extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Sandbox sandbox;

    UnreadableSpec(Sandbox sandbox, String why) {
        super(why);
        this.sandbox = sandbox;
    }

    /** The sandbox with an empty spec. */
    public Sandbox sandbox() {
        return sandbox;
    }
}
