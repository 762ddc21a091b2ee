package io.agenttier.apiserver.resource;

import java.util.Optional;

/** Reads sandboxes with their pods. */
public interface Sandboxes {
    /** From the cache: costs nothing and may lag behind. */
    Optional<SandboxState> cached(String namespace, String name);

    /**
     * From the API server, not older than this call; callers at the same time share a read.
     *
     * @throws io.agenttier.apiserver.error.ApiException {@code Unavailable} when the API server cannot be asked
     */
    Optional<SandboxState> live(String namespace, String name);

    /** To wait for changes of the cache. To be closed. */
    News news(String namespace, String name);
}
