package io.agenttier.cli;

import io.agenttier.cli.command.Arguments;
import io.agenttier.cli.command.Command;
import io.agenttier.cli.command.Commands;
import io.agenttier.cli.command.Explanation;
import io.agenttier.cli.command.GlobalOptions;
import io.agenttier.cli.command.Session;
import io.agenttier.cli.command.Surroundings;
import io.agenttier.cli.command.UsageException;
import io.agenttier.cli.kubeconfig.EarlyCurve;
import io.agenttier.cli.output.ExitCode;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** From a command line to an exit code. */
final class Cli {
    private final Surroundings surroundings;

    Cli(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    int run(List<String> words) {
        var parts = CommandWords.of(words);
        try {
            int code = run(parts);
            return surroundings.interrupts().hasBegun() ? ExitCode.INTERRUPTED : code;
        } catch (UnmatchedArgumentException e) {
            return usage(parts.name(), e.getMessage() + hint(parts));
        } catch (ParameterException e) {
            return usage(parts.name(), String.valueOf(e.getMessage()));
        } catch (UsageException e) {
            return usage(parts.name(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            if (surroundings.interrupts().hasBegun()) {
                return ExitCode.INTERRUPTED;
            }
            surroundings.output().problem(Explanation.of(e));
            return ExitCode.FAILED;
        }
    }

    private int run(CommandWords parts) throws IOException {
        var found = Commands.find(parts.name());
        if (found.isPresent()) {
            return run(found.get(), parts.options());
        }
        if (parts.options().contains("--help")
                || parts.options().contains("-h")
                || parts.name().equals("help")) {
            surroundings.output().line(Help.text());
            return ExitCode.OK;
        }
        throw new UsageException(Help.unknown(parts.name()));
    }

    private int run(Command command, List<String> words) throws IOException {
        int end = command.takesProgram() ? words.indexOf("--") : -1;
        var options = end < 0 ? words : words.subList(0, end);
        var program = end < 0 ? List.<String>of() : words.subList(end + 1, words.size());
        boolean wantsHelp = options.contains("--help") || options.contains("-h");
        if (!wantsHelp) {
            EarlyCurve.begin(options, surroundings.environment());
        }
        var spec = command.spec();
        GlobalOptions.addTo(spec);
        var line = new CommandLine(spec)
                .setExpandAtFiles(false)
                .setInterpolateVariables(false)
                .setOverwrittenOptionsAllowed(true);
        if (wantsHelp) {
            surroundings
                    .output()
                    .line(line.getUsageMessage(CommandLine.Help.Ansi.OFF).stripTrailing());
            return ExitCode.OK;
        }
        var arguments = new Arguments(line.parseArgs(options.toArray(String[]::new)), program);
        return command.run(arguments, new Session(surroundings, GlobalOptions.of(arguments)));
    }

    /** The usual slip: {@code exec web ls} without the dashes. */
    private static String hint(CommandWords parts) {
        boolean lacksDashes =
                Commands.find(parts.name()).filter(Command::takesProgram).isPresent()
                        && !parts.options().contains("--");
        return lacksDashes ? "; expected \"--\" before the command to run" : "";
    }

    private int usage(String command, String message) {
        surroundings.output().problem("error: " + message);
        var known = Commands.find(command).isPresent() ? " " + command : "";
        surroundings.output().problem("See 'kubectl sandbox%s --help' for usage.".formatted(known));
        return ExitCode.USAGE;
    }
}
