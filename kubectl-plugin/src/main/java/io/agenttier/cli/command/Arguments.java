package io.agenttier.cli.command;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/**
 * A command line that fits its command.
 *
 * @param program what stood after {@code --}; empty for commands without one
 */
public record Arguments(ParseResult parsed, List<String> program) {
    public Arguments {
        program = List.copyOf(program);
    }

    boolean has(String option) {
        return parsed.hasMatchedOption(option);
    }

    Optional<String> text(String option) {
        return Optional.ofNullable(parsed.<String>matchedOptionValue(option, null));
    }

    /** Values of an option that may stand several times. */
    List<String> texts(String option) {
        return parsed.matchedOptionValue(option, List.<String>of());
    }

    /** The value of a positional argument that is required. */
    String positional(int index) {
        return parsed.matchedPositionalValue(index, "");
    }

    /** All values of the first positional argument. */
    List<String> positionals() {
        return parsed.matchedPositionalValue(0, List.<String>of());
    }
}
