package io.agenttier.api;

/**
 * The ConfigMap with the output of the installation.
 *
 * @param name Name of the ConfigMap in the namespace of the sandbox.
 */
public record InstallLogRef(String name) {
    public InstallLogRef {
        name = Wire.text(name);
    }
}
