package io.agenttier.cli.command;

import java.util.List;

/** Columns as kubectl prints them: three spaces apart, nothing at the end of a line. */
final class Table {
    private static final String GAP = "   ";

    private Table() {}

    /** @param rows headings first, all of the same length; control characters are shown as {@code ?} */
    static String of(List<List<String>> rows) {
        var widths = new int[rows.getFirst().size()];
        for (var row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        var text = new StringBuilder();
        for (var row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(printable(row.get(i)))
                        .repeat(' ', widths[i] - row.get(i).length())
                        .append(GAP);
            }
            text.append(text.isEmpty() ? "" : "\n").append(line.toString().stripTrailing());
        }
        return text.toString();
    }

    /** Names come from inside the sandbox and must not steer the user's terminal. */
    static String printable(String cell) {
        var shown = new StringBuilder(cell);
        for (int i = 0; i < shown.length(); i++) {
            if (Character.isISOControl(shown.charAt(i))) {
                shown.setCharAt(i, '?');
            }
        }
        return shown.toString();
    }
}
