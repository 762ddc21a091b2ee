package io.agenttier.api;

/** The API groups of AgentTier: objects are served from CRDs, what is done inside a sandbox by the aggregated API server. */
public final class ApiGroup {
    /** Group of the objects and of the subresources. */
    public static final String GROUP = "agenttier.io";
    /** Version of the objects. */
    public static final String VERSION = "v1alpha1";
    /** Version under which the subresources (exec, log, files ...) are served. */
    public static final String SUBRESOURCES_VERSION = "subresources-v1alpha1";
    /** apiVersion of the objects. */
    public static final String API_VERSION = GROUP + "/" + VERSION;
    /** apiVersion of requests to the subresources and of their answers. */
    public static final String SUBRESOURCES_API_VERSION = GROUP + "/" + SUBRESOURCES_VERSION;

    private ApiGroup() {}
}
