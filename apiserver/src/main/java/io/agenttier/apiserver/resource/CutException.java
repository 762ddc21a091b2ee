package io.agenttier.apiserver.resource;

import java.io.IOException;

/** The connection to a sandbox broke and did not come back in time; its process may still run. */
final class CutException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String process;
    private final long position;

    CutException(String process, long position, IOException cause) {
        super("the connection to the sandbox broke", cause);
        this.process = process;
        this.position = position;
    }

    /** What the caller can do about it. */
    String remedy(String sandbox) {
        return ("the connection to sandbox \"%s\" broke and did not come back; process \"%s\" may still run: "
                        + "read on by GET log?process=%s&offset=%d&follow=true")
                .formatted(sandbox, process, process, position);
    }
}
