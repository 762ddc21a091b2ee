package io.agenttier.apiserver.resource;

import java.io.IOException;
import java.time.Instant;

/** Writes Events about a sandbox. */
@FunctionalInterface
public interface EventWriter {
    /**
     * Writes an Event about exactly this sandbox. Blocks.
     *
     * @param reason such as {@code TerminalOpened}
     * @param message at most 1024 bytes
     */
    void write(SandboxState sandbox, EventType type, String reason, String message, Instant at) throws IOException;
}
