package io.agenttier.cli.kubeconfig;

import java.io.IOException;

/** The configuration cannot be used. The message names file and entry and says what to do. */
public final class KubeconfigException extends IOException {
    private static final long serialVersionUID = 1L;

    KubeconfigException(String message) {
        super(message);
    }

    KubeconfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
