package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A tool that must be there before the sandbox is Ready.
 *
 * @param name Name of the tool.
 * @param version Version that is wanted; for people and for the commands.
 * @param installCommand Shell text that installs the tool, run when verifyCommand fails.
 * @param verifyCommand Shell text that succeeds when the tool is there.
 */
public record Tool(
        String name,
        @Nullable String version,
        @Nullable String installCommand,
        @Nullable String verifyCommand) {
    public Tool {
        name = Wire.text(name);
    }
}
