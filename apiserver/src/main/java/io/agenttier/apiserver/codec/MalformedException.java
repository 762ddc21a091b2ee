package io.agenttier.apiserver.codec;

import java.io.IOException;

/**
 * Bytes that are not the document that was expected. The message names what is wrong and where, for example
 * {@code unknown field "comand" at line 1, column 12: expected one of command, env, script}; it never quotes values, which may be secret.
 */
public final class MalformedException extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message);
    }
}
