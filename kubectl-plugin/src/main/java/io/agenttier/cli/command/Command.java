package io.agenttier.cli.command;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/** One command of the plugin. */
public interface Command {
    /** Its options and arguments; the global ones are added by the caller. */
    CommandSpec spec();

    /** Whether everything after {@code --} is a program with its arguments, which we do not read. */
    default boolean takesProgram() {
        return false;
    }

    /**
     * @return exit code
     * @throws UsageException if the arguments make no sense together
     * @throws IOException if it fails; the message is for the user
     */
    int run(Arguments arguments, Session session) throws IOException;
}
