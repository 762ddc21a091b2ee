package io.agenttier.apiserver.route;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A path that belongs to a subresource and is passed on as it came. It may hold empty segments and encoded slashes, but nothing that could
 * lead out of it to whoever decodes it once more, as kube-apiserver does. Pure.
 */
final class OwnPath {
    /** RFC 3986 §3.3. */
    private static final Pattern CHARACTERS = Pattern.compile("(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*");

    private OwnPath() {}

    /** What is wrong with it; empty if nothing. */
    static Optional<String> complaint(String raw) {
        var shown = raw.length() <= 100 ? raw : raw.substring(0, 100) + "…";
        if (!CHARACTERS.matcher(raw).matches()) {
            return Optional.of("path \"%s\" holds a character that must be percent-encoded, or half an escape"
                    .formatted(shown.replaceAll("[^!-~…]", "?")));
        }
        for (var segment : decoded(raw).split("/", -1)) {
            int parameters = segment.indexOf(';');
            var name = parameters < 0 ? segment : segment.substring(0, parameters);
            if (name.equals(".") || name.equals("..")) {
                return Optional.of("path \"%s\" is not allowed: segments must not be \".\" or \"..\", encoded or not"
                        .formatted(shown));
            }
        }
        return Optional.empty();
    }

    /** As far as it matters for segments; some servers take a backslash for a slash. */
    private static String decoded(String raw) {
        return raw.toLowerCase(Locale.ROOT)
                .replace("%2e", ".")
                .replace("%2f", "/")
                .replace("%5c", "/")
                .replace("%3b", ";");
    }
}
