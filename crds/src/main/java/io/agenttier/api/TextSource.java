package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A text and where it comes from. Exactly one source is set.
 *
 * @param content The text itself.
 * @param configMapRef Entry of a ConfigMap that holds the text.
 * @param secretRef Entry of a Secret that holds the text.
 */
public record TextSource(
        @Nullable String content,
        @Nullable KeyRef configMapRef,
        @Nullable KeyRef secretRef) {
    /** No source. */
    public static final TextSource EMPTY = new TextSource(null, null, null);
}
