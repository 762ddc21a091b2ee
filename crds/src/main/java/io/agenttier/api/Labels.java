package io.agenttier.api;

/** Labels, annotations, the finalizer and the field managers of AgentTier. They are part of the API. */
public final class Labels {
    /** On everything made for a sandbox: its name. NetworkPolicies and Services select it. */
    public static final String SANDBOX = "agenttier.io/sandbox";
    /** On pods and their Secrets: the incarnation, 8 hex digits. */
    public static final String INCARNATION = "agenttier.io/incarnation";
    /** On pods: {@link #TRUE}. The default-deny policy selects it. */
    public static final String MANAGED = "agenttier.io/managed";
    /** On pods and sandboxes: name of the resolved template. */
    public static final String TEMPLATE = "agenttier.io/template";
    /** On Secrets of AgentTier: what they are for. No sandbox or template may name a Secret that has it. */
    public static final String SECRET_PURPOSE = "agenttier.io/secret-purpose";
    /** Value of {@link #SECRET_PURPOSE} for the Secret of a pod. */
    public static final String PURPOSE_RUNTIME_TLS = "runtime-tls";
    /** On the Service and Ingress of a declared port: {@link #TRUE}. */
    public static final String PORT_FORWARD = "agenttier.io/port-forward";
    /** On the Service and Ingress of a declared port: its number. */
    public static final String PORT = "agenttier.io/port";
    /** Value of labels that only mark. */
    public static final String TRUE = "true";

    /** Annotation: creator of an object that has no {@code createdBy}. */
    public static final String CREATED_BY = "agenttier.io/created-by";
    /** Annotation: W3C trace context of the call that created the object. */
    public static final String TRACEPARENT = "agenttier.io/traceparent";
    /** Annotation of a pod: {@code timeout} of the layers below its sandbox when it was started, a duration; 0 = endless. */
    public static final String TIMEOUT = "agenttier.io/timeout";
    /** Annotation of a pod: {@code idleTimeout} of those layers. */
    public static final String IDLE_TIMEOUT = "agenttier.io/idle-timeout";
    /** Annotation of a sandbox: the {@code startRequestedAt} of a resume that may begin on a new volume if the old one is gone. */
    public static final String NEW_VOLUME = "agenttier.io/new-volume";
    /** Annotation without effect; {@code spec.powerState} replaced it. */
    public static final String RETIRED_ACTION = "agenttier.io/action";

    /** Finalizer, set only while something without an owner reference must be removed. */
    public static final String CLEANUP_FINALIZER = "agenttier.io/sandbox-cleanup";

    /** Field manager of {@code spec.powerState} and {@code spec.startRequestedAt}. */
    public static final String MANAGER_POWER = "agenttier-power";
    /** Field manager of {@code spec.ports} when written by a call. */
    public static final String MANAGER_PORTS = "agenttier-ports";
    /** Field manager of {@code spec.sharing} when written by a call. */
    public static final String MANAGER_SHARE = "agenttier-share";
    /** Field manager of {@code status.lastActivityTimestamp}. */
    public static final String MANAGER_ACTIVITY = "agenttier-activity";
    /** Field manager of {@code status.agentConfigure}. */
    public static final String MANAGER_CONFIGURE = "agenttier-configure";
    /** Field manager of everything that the controller writes. */
    public static final String MANAGER_CONTROLLER = "agenttier-controller";

    private Labels() {}
}
