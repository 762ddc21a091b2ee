package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * One environment variable, as in core/v1.
 *
 * @param name Name of the variable. Names that start with AGENTTIER_ are reserved.
 * @param value Literal value; the empty string when neither value nor valueFrom is set.
 * @param valueFrom Where the value comes from, instead of value.
 */
public record EnvVar(
        String name, @Nullable String value, @Nullable EnvVarSource valueFrom) {
    public EnvVar {
        name = Wire.text(name);
    }
}
