package io.agenttier.api;

import java.util.List;

/**
 * A probe by running a command in the container; exit code 0 is healthy.
 *
 * @param command Program and arguments; not run in a shell.
 */
public record ExecAction(List<String> command) {
    public ExecAction {
        command = Wire.list(command);
    }
}
