package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A field of the pod as value of an environment variable.
 *
 * @param apiVersion Version of the schema that fieldPath is written in; v1 when absent.
 * @param fieldPath Path of the field, such as metadata.name or status.podIP.
 */
public record FieldSelector(@Nullable String apiVersion, String fieldPath) {
    public FieldSelector {
        fieldPath = Wire.text(fieldPath);
    }
}
