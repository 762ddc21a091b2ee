package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A file written before the sandbox is Ready. An existing file is not overwritten on resume. Exactly one source is
 * set.
 *
 * @param path Path of the file, relative to storage.mountPath or absolute below it.
 * @param content The content itself, as UTF-8 text.
 * @param configMapRef Entry of a ConfigMap that holds the content.
 * @param secretRef Entry of a Secret that holds the content.
 * @param mode Permission bits as a decimal number; 420 is 0644.
 */
public record SeedFile(
        String path,
        @Nullable String content,
        @Nullable KeyRef configMapRef,
        @Nullable KeyRef secretRef,
        @Nullable Integer mode) {
    public SeedFile {
        path = Wire.text(path);
    }
}
