package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A tool as it was found at the start.
 *
 * @param name Name of the tool.
 * @param ok Whether the tool is there.
 * @param message What failed; absent when the tool is there.
 */
public record ToolStatus(
        String name, @Nullable Boolean ok, @Nullable String message) {
    public ToolStatus {
        name = Wire.text(name);
    }

    /** Whether the tool is there; false also when nothing was said. */
    public boolean found() {
        return Boolean.TRUE.equals(ok);
    }
}
