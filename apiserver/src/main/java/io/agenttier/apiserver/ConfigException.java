package io.agenttier.apiserver;

/** A command line that cannot be used. The message names the flag, the value and what was expected. */
final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    ConfigException(String message) {
        super(message);
    }
}
