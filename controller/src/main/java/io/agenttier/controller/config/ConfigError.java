package io.agenttier.controller.config;

/** An argument that cannot be used. The message names it, its value and what was expected. */
public final class ConfigError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConfigError(String message) {
        super(message);
    }

    static ConfigError of(String key, String value, String expected) {
        return new ConfigError("--" + key + "=" + value + ": expected " + expected);
    }
}
