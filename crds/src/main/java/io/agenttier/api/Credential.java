package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A Secret handed to the code in the sandbox.
 *
 * @param secretName Secret of the namespace, which whoever writes this field must be allowed to get.
 * @param mountAs env: environment of the container; file: read-only files; session: environment of each process
 *     that the API starts.
 * @param mountPath Directory of the files, required with mountAs file. Absolute and not inside storage.mountPath.
 * @param envPrefix Put before every key when it becomes a variable (env and session).
 */
public record Credential(
        String secretName,
        @Nullable String mountAs,
        @Nullable String mountPath,
        @Nullable String envPrefix) {
    public Credential {
        secretName = Wire.text(secretName);
    }
}
