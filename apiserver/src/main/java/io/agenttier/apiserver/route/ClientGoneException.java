package io.agenttier.apiserver.route;

import java.io.IOException;

/** The client closed its connection before the answer ended. */
public final class ClientGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    public ClientGoneException() {
        super("the client went away");
    }
}
