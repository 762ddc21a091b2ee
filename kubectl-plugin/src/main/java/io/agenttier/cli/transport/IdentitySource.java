package io.agenttier.cli.transport;

import java.io.IOException;

/** Where the identity comes from: fixed, or a program that makes short-lived ones. */
public interface IdentitySource {
    /**
     * The present one.
     *
     * @throws IOException if it cannot be had; the message is for the user
     */
    Identity current() throws IOException;

    /**
     * The server refused the present one with 401: forget it.
     *
     * @return whether {@link #current()} may now answer another one
     */
    boolean refused();
}
