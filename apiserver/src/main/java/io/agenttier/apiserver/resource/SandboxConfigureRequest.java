package io.agenttier.apiserver.resource;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Body of POST {@code configure} as {@link ConfigureBody} has read it: nothing but the types is checked yet. Absent fields are null.
 *
 * @param files to write
 * @param installCommand program and arguments that install; or {@code installScript}
 * @param installScript text for {@code sh -c}
 * @param entrypoint program and arguments that each invocation runs
 */
public record SandboxConfigureRequest(
        @Nullable String apiVersion,
        @Nullable String kind,
        List<File> files,
        @Nullable List<String> installCommand,
        @Nullable String installScript,
        @Nullable List<String> entrypoint) {
    /** Kind in discovery and in errors. */
    public static final String KIND = "SandboxConfigureRequest";

    public SandboxConfigureRequest {
        files = List.copyOf(files);
        installCommand = installCommand == null ? null : List.copyOf(installCommand);
        entrypoint = entrypoint == null ? null : List.copyOf(entrypoint);
    }

    /**
     * One file.
     *
     * @param path absolute, below the root of the sandbox
     * @param content of {@code content} or {@code contentBase64}; null if neither is there
     * @param wasBase64 it came as {@code contentBase64}
     * @param twice both are there
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record File(String path, byte @Nullable [] content, boolean wasBase64, boolean twice) {}
}
