package io.agenttier.apiserver.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Headers whose value is a list with commas, such as {@code Connection}. Pure. */
public final class HeaderList {
    private HeaderList() {}

    /** The elements of all lines of a header in the order sent, without blank ones. */
    public static List<String> of(Map<String, List<String>> headers, String name) {
        var elements = new ArrayList<String>();
        for (var line : headers.getOrDefault(name, List.of())) {
            for (var element : line.split(",", -1)) {
                if (!element.isBlank()) {
                    elements.add(element.strip());
                }
            }
        }
        return elements;
    }

    /** The same in lower case. */
    public static List<String> lowerCase(Map<String, List<String>> headers, String name) {
        return of(headers, name).stream()
                .map(element -> element.toLowerCase(Locale.ROOT))
                .toList();
    }
}
