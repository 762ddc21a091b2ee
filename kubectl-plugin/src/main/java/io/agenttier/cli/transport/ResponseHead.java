package io.agenttier.cli.transport;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Status line and headers of an answer.
 *
 * @param phrase for example {@code Not Found}; may be empty
 * @param headers in order
 */
public record ResponseHead(int status, String phrase, List<Header> headers) {
    private static final int MAX_LINE = 64 * 1024;
    private static final int MAX_LINES = 500;
    private static final int MAX_TOTAL = 1024 * 1024;
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9][0-9])(?: (.*))?");

    public ResponseHead {
        headers = List.copyOf(headers);
    }

    private static final int SWITCHING = 101;

    /** Skips interim answers (1xx), but for the one after which the protocol is another. */
    static ResponseHead read(WireInput in) throws IOException {
        while (true) {
            var head = readOne(in);
            if (head.status() / 100 != 1 || head.status() == SWITCHING) {
                return head;
            }
        }
    }

    /** First value of that header, whatever its case. */
    public Optional<String> header(String name) {
        return headers.stream()
                .filter(h -> h.name().equalsIgnoreCase(name))
                .map(Header::value)
                .findFirst();
    }

    /** Media type without parameters, in lower case; empty if none is said. */
    public String mediaType() {
        var type = header("Content-Type").orElse("");
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(java.util.Locale.ROOT);
    }

    private static ResponseHead readOne(WireInput in) throws IOException {
        var first = STATUS_LINE.matcher(in.line(MAX_LINE));
        if (!first.matches()) {
            throw new IOException("the server does not speak HTTP/1.1; is its address right?");
        }
        var headers = new ArrayList<Header>();
        int total = 0;
        for (var line = in.line(MAX_LINE); !line.isEmpty(); line = in.line(MAX_LINE)) {
            total += line.length();
            int colon = line.indexOf(':');
            if (colon <= 0 || headers.size() >= MAX_LINES || total > MAX_TOTAL) {
                throw new IOException("the answer has a malformed or too large head");
            }
            try {
                headers.add(new Header(
                        line.substring(0, colon), line.substring(colon + 1).strip()));
            } catch (IllegalArgumentException e) {
                throw new IOException("the answer has a malformed head: " + e.getMessage(), e);
            }
        }
        var phrase = first.group(2) == null ? "" : first.group(2);
        return new ResponseHead(Integer.parseInt(first.group(1)), phrase, headers);
    }
}
