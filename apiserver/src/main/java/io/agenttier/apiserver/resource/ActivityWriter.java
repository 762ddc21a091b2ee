package io.agenttier.apiserver.resource;

import java.io.IOException;
import java.time.Instant;

/** Writes when a sandbox was used last. */
@FunctionalInterface
public interface ActivityWriter {
    /** Writes {@code status.lastActivityTimestamp} of exactly this sandbox. Blocks. */
    void write(SandboxState sandbox, Instant lastActivity) throws IOException;
}
