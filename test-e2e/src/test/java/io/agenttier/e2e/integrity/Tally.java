package io.agenttier.e2e.integrity;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What was run and what befell it, by client. Safe for several threads. */
final class Tally {
    private enum Column {
        COMMANDS("commands"),
        BYTES("bytes"),
        CUTS("connections cut"),
        KILLED("clients killed"),
        LEFT("given up at a cut"),
        PICKED_UP("taken up by another client"),
        CANCELED("canceled after the grace"),
        REFUSED("starts refused"),
        FAILED("failures");

        private final String title;

        Column(String title) {
            this.title = title;
        }
    }

    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Map<Work.Kind, Map<Column, Long>> rows = new EnumMap<>(Work.Kind.class);

    void ran(Work work, Outcome outcome) {
        add(work, Column.CUTS, outcome.cuts());
        add(work, Column.BYTES, outcome.stdout().count() + outcome.stderr().count());
        if (outcome.end() instanceof Outcome.End.Left left) add(work, left.killed() ? Column.KILLED : Column.LEFT, 1);
    }

    void pickedUp(Work work, Outcome outcome) {
        add(work, Column.PICKED_UP, 1);
        add(work, Column.CUTS, outcome.cuts());
        add(work, Column.BYTES, outcome.stdout().count() + outcome.stderr().count());
    }

    void refused(Work work) {
        add(work, Column.REFUSED, 1);
    }

    void canceled(Work work) {
        add(work, Column.CANCELED, 1);
    }

    void judged(Work work) {
        add(work, Column.COMMANDS, 1);
    }

    void failed(Work work, Throwable why) {
        add(work, Column.FAILED, 1);
        failures.add(why + "\n    in " + work);
    }

    /** What went wrong, with the command that it befell. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    private synchronized void add(Work work, Column column, long amount) {
        rows.computeIfAbsent(work.client(), _ -> new EnumMap<>(Column.class)).merge(column, amount, Long::sum);
    }

    /** A table in Markdown, one row a client and one for all. */
    synchronized String table() {
        var text = new StringBuilder("| client |");
        for (var column : Column.values()) text.append(' ').append(column.title).append(" |");
        text.append("\n|---|").append("---:|".repeat(Column.values().length)).append('\n');
        var all = new EnumMap<Column, Long>(Column.class);
        rows.forEach((client, row) -> {
            append(text, client.toString().toLowerCase(java.util.Locale.ROOT).replace('_', ' '), row);
            row.forEach((column, amount) -> all.merge(column, amount, Long::sum));
        });
        append(text, "all", all);
        return text.toString();
    }

    private static void append(StringBuilder text, String name, Map<Column, Long> row) {
        text.append("| ").append(name).append(" |");
        for (var column : Column.values())
            text.append(' ').append(row.getOrDefault(column, 0L)).append(" |");
        text.append('\n');
    }
}
