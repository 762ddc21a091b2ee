package io.agenttier.api;

/** Kind of a template, as {@code templateRef.kind} names it. */
public enum TemplateKind {
    NAMESPACED(SandboxTemplate.KIND, SandboxTemplate.PLURAL),
    CLUSTER(ClusterSandboxTemplate.KIND, ClusterSandboxTemplate.PLURAL);

    private final String wire;
    private final String plural;

    TemplateKind(String wire, String plural) {
        this.wire = wire;
        this.plural = plural;
    }

    /** The word on the wire. */
    public String wire() {
        return wire;
    }

    /** Resource name of the kind, as in URLs and RBAC rules. */
    public String plural() {
        return plural;
    }
}
