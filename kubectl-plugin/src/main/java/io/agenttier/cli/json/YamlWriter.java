package io.agenttier.cli.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes maps, lists, texts, numbers and truth values as YAML that every version of YAML reads alike: a text is quoted, as in JSON, unless it
 * is a text to all of them. To YAML 1.1, which Kubernetes reads, {@code 0644} and {@code on} are none.
 */
public final class YamlWriter {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./\\[\\]-]*( [A-Za-z0-9_./-]+)*");
    private static final Set<String> WORDS = Set.of("true", "false", "yes", "no", "on", "off", "y", "n", "null");

    private YamlWriter() {}

    /** Block style, indented by two, without an end of line at the end. */
    public static String of(@Nullable Object value) {
        return String.join("\n", lines(value));
    }

    private static List<String> lines(@Nullable Object value) {
        var lines = new ArrayList<String>();
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            map.forEach((key, inner) -> {
                var name = scalar(String.valueOf(key)) + ":";
                var below = lines(inner);
                if (isScalar(inner)) {
                    lines.add(name + " " + below.getFirst());
                } else {
                    lines.add(name);
                    var indent = inner instanceof Map ? "  " : "";
                    below.forEach(line -> lines.add(indent + line));
                }
            });
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            for (var item : list) {
                var below = lines(item);
                lines.add("- " + below.getFirst());
                below.stream().skip(1).map(line -> "  " + line).forEach(lines::add);
            }
        } else {
            lines.add(scalar(value));
        }
        return lines;
    }

    private static boolean isScalar(@Nullable Object value) {
        return !(value instanceof Map<?, ?> map && !map.isEmpty())
                && !(value instanceof List<?> list && !list.isEmpty());
    }

    private static String scalar(@Nullable Object value) {
        return value instanceof String text
                        && PLAIN.matcher(text).matches()
                        && !WORDS.contains(text.toLowerCase(Locale.ROOT))
                ? text
                : JsonWriter.compact(value);
    }
}
