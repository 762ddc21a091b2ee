package io.agenttier.cli;

import io.agenttier.cli.command.Commands;

/** The overview, and what to say about a command that does not exist. */
final class Help {
    private Help() {}

    static String text() {
        var text = new StringBuilder(
                "Sandboxes for people and AI agents.\n\nUsage: kubectl sandbox COMMAND [OPTIONS]\n\nCommands:\n");
        Commands.summaries().forEach((name, summary) -> text.append("  %-10s  %s%n".formatted(name, summary)));
        text.append("\nList, describe and delete sandboxes with kubectl itself: kubectl get sandboxes.\n");
        return text.append("Use 'kubectl sandbox COMMAND --help' for a command's options.")
                .toString();
    }

    static String unknown(String name) {
        var all = String.join(", ", Commands.summaries().keySet());
        return name.isEmpty()
                ? "no command given: expected one of " + all
                : "unknown command \"%s\": expected one of %s".formatted(name, all);
    }
}
