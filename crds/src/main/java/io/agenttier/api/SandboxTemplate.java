package io.agenttier.api;

/**
 * A blueprint for sandboxes of its namespace, or of others whose users may read it.
 *
 * @param apiVersion agenttier.io/v1alpha1
 * @param kind SandboxTemplate
 * @param metadata name, labels and so on
 * @param spec what the template gives to its sandboxes
 */
public record SandboxTemplate(String apiVersion, String kind, ObjectMeta metadata, TemplateSpec spec) {
    public static final String KIND = "SandboxTemplate";
    public static final String PLURAL = "sandboxtemplates";

    public SandboxTemplate {
        apiVersion = Wire.orElse(apiVersion, ApiGroup.API_VERSION);
        kind = Wire.orElse(kind, KIND);
        metadata = Wire.orElse(metadata, ObjectMeta.EMPTY);
        spec = Wire.orElse(spec, TemplateSpec.EMPTY);
    }
}
