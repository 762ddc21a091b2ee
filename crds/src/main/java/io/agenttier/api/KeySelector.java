package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * One entry of a ConfigMap or Secret that gives the value of an environment variable.
 *
 * @param name Name of the ConfigMap or Secret in the namespace of the sandbox.
 * @param key Key in it.
 * @param optional True if the object or the key may be missing; the variable is then not set.
 */
public record KeySelector(String name, String key, @Nullable Boolean optional) {
    public KeySelector {
        name = Wire.text(name);
        key = Wire.text(key);
    }
}
