package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A ConfigMap or Secret in the namespace of the sandbox, as a whole.
 *
 * @param name Name of the object.
 * @param optional True if the object may be missing.
 */
public record ObjectRef(String name, @Nullable Boolean optional) {
    public ObjectRef {
        name = Wire.text(name);
    }
}
