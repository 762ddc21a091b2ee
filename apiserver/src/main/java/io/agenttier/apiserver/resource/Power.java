package io.agenttier.apiserver.resource;

import java.time.Instant;

/** Writes the wanted power state of a sandbox, as its own field manager. */
public interface Power {
    /**
     * Writes {@code spec.powerState: Stopped}.
     *
     * @param by user who asked for it
     * @throws io.agenttier.apiserver.error.ApiException {@code Conflict} if it is no longer the sandbox that {@code state} shows
     */
    void stop(SandboxState state, String by);

    /**
     * Writes {@code spec.powerState: Running} and {@code spec.startRequestedAt}, later than the last stop.
     *
     * @param newVolume whether it may begin on a new volume if its own is gone
     */
    void resume(SandboxState state, String by, Instant startRequestedAt, boolean newVolume);
}
