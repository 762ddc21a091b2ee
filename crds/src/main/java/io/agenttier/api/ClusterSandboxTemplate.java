package io.agenttier.api;

/**
 * A blueprint for sandboxes of every namespace, written by administrators of the cluster.
 *
 * @param apiVersion agenttier.io/v1alpha1
 * @param kind ClusterSandboxTemplate
 * @param metadata name, labels and so on
 * @param spec what the template gives to its sandboxes
 */
public record ClusterSandboxTemplate(String apiVersion, String kind, ObjectMeta metadata, TemplateSpec spec) {
    public static final String KIND = "ClusterSandboxTemplate";
    public static final String PLURAL = "clustersandboxtemplates";

    public ClusterSandboxTemplate {
        apiVersion = Wire.orElse(apiVersion, ApiGroup.API_VERSION);
        kind = Wire.orElse(kind, KIND);
        metadata = Wire.orElse(metadata, ObjectMeta.EMPTY);
        spec = Wire.orElse(spec, TemplateSpec.EMPTY);
    }
}
