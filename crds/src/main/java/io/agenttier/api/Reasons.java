package io.agenttier.api;

/** Reasons of the conditions of a sandbox. They are part of the API. */
public final class Reasons {
    // Ready
    public static final String READY = "Ready";
    public static final String STARTING = "Starting";
    public static final String RESTARTING = "Restarting";
    public static final String RESUMING = "Resuming";
    public static final String STOPPING = "Stopping";
    /** Also of PodReady. */
    public static final String STOPPED = "Stopped";

    public static final String FAILED = "Failed";
    public static final String DELETING = "Deleting";
    /** A field is set whose behaviour is not built; the message names it. */
    public static final String NOT_SUPPORTED = "NotSupported";

    // TemplateResolved
    public static final String RESOLVED = "Resolved";
    public static final String NO_TEMPLATE = "NoTemplate";
    public static final String TEMPLATE_NOT_FOUND = "TemplateNotFound";
    public static final String CYCLE_DETECTED = "CycleDetected";
    public static final String DEPTH_EXCEEDED = "DepthExceeded";
    public static final String INVALID_TEMPLATE = "InvalidTemplate";
    public static final String FORBIDDEN = "Forbidden";

    // PolicyAllowed
    public static final String ALLOWED = "Allowed";
    public static final String POLICY_VIOLATION = "PolicyViolation";
    public static final String POLICY_UNAVAILABLE = "PolicyUnavailable";

    // StorageReady
    public static final String BOUND = "Bound";
    public static final String EPHEMERAL = "Ephemeral";
    public static final String PROVISIONING = "Provisioning";
    public static final String SNAPSHOT_NOT_READY = "SnapshotNotReady";
    public static final String EXPANDING = "Expanding";
    public static final String PROVISIONING_FAILED = "ProvisioningFailed";
    /** An object of that name has another living owner; also of PodReady and PortsForwarded. */
    public static final String CONFLICT = "Conflict";
    /** The volume claim is gone while the sandbox was stopped. */
    public static final String VOLUME_LOST = "VolumeLost";

    // NetworkIsolated
    public static final String POLICY_CREATED = "PolicyCreated";
    public static final String APPLYING = "Applying";
    public static final String DOMAINS_UNSUPPORTED = "DomainsUnsupported";
    public static final String SERVICE_NOT_FOUND = "ServiceNotFound";
    public static final String APPLY_FAILED = "ApplyFailed";

    // PodReady
    public static final String POD_READY = "PodReady";
    public static final String SCHEDULING = "Scheduling";
    public static final String UNSCHEDULABLE = "Unschedulable";
    public static final String PULLING_IMAGE = "PullingImage";
    public static final String IMAGE_PULL_FAILED = "ImagePullFailed";
    public static final String CONFIG_ERROR = "ConfigError";
    public static final String INIT_SCRIPT_FAILED = "InitScriptFailed";
    public static final String RUNTIME_CLASS_MISSING = "RuntimeClassMissing";
    public static final String BACK_OFF = "BackOff";
    public static final String RETRIES_EXHAUSTED = "RetriesExhausted";
    /** The command of the sandbox ended with a code other than 0. */
    public static final String APPLICATION_EXITED = "ApplicationExited";

    public static final String POD_LOST = "PodLost";

    // Configured
    public static final String CONFIGURED = "Configured";
    public static final String NOT_CONFIGURED = "NotConfigured";
    public static final String INSTALL_FAILED = "InstallFailed";
    public static final String NOT_AGENT_MODE = "NotAgentMode";

    // PortsForwarded, beside Applying, ApplyFailed and Conflict
    public static final String FORWARDED = "Forwarded";
    /** The name of the sandbox leaves no room for those of its ports. */
    public static final String NAME_TOO_LONG = "NameTooLong";

    private Reasons() {}
}
