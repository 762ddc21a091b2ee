package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * The system prompt of an agent, written to a file before the sandbox is Ready. Exactly one source is set.
 *
 * @param content The text itself.
 * @param configMapRef Entry of a ConfigMap that holds the text.
 * @param secretRef Entry of a Secret that holds the text.
 * @param path File that the text is written to; .agenttier/system-prompt.md below storage.mountPath when absent.
 */
public record SystemPrompt(
        @Nullable String content,
        @Nullable KeyRef configMapRef,
        @Nullable KeyRef secretRef,
        @Nullable String path) {}
