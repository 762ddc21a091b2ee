package io.agenttier.api;

/**
 * One entry of a ConfigMap or Secret in the namespace of the sandbox.
 *
 * @param name Name of the ConfigMap or Secret.
 * @param key Key in it.
 */
public record KeyRef(String name, String key) {
    public KeyRef {
        name = Wire.text(name);
        key = Wire.text(key);
    }
}
