package io.agenttier.cli.transport;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The connection ended before the answer did. Whether the request took effect is unknown. */
public final class CutException extends IOException {
    private static final long serialVersionUID = 1L;

    CutException(String message, @Nullable IOException cause) {
        super(message, cause);
    }

    CutException(String message) {
        this(message, null);
    }
}
