package io.agenttier.apiserver.sandboxd;

import io.agenttier.apiserver.codec.Text;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Status line and header fields of what a port of the sandbox answers, parsed strictly and within bounds: 100 lines and 64 KiB.
 *
 * @param isOld HTTP/1.0, which has neither interim answers nor chunks
 * @param lines in the order they came
 */
public record PortHead(int status, boolean isOld, List<HeaderLine> lines) {
    private static final int LINES = 100;
    private static final int HEAD_BYTES = 64 * 1024;
    /** {@code HTTP/1.1 200}. */
    private static final int SHORTEST_STATUS_LINE = 12;

    public PortHead {
        lines = List.copyOf(lines);
    }

    /** How the body that follows is delimited. */
    public sealed interface Framing {
        record None() implements Framing {}

        record Length(long bytes) implements Framing {}

        record Chunked() implements Framing {}

        /** By the end of the connection. */
        record Rest() implements Framing {}
    }

    static PortHead read(WireInput in) throws IOException {
        int left = HEAD_BYTES;
        var first = in.line(left);
        left -= first.length();
        int status = status(first);
        var lines = new ArrayList<HeaderLine>();
        for (var line = in.line(left); !line.isEmpty(); line = in.line(left)) {
            if (lines.size() == LINES) {
                throw new MisbehavedException("more than %d header fields".formatted(LINES));
            }
            left -= line.length();
            lines.add(HeaderLine.parse(line));
        }
        return new PortHead(status, first.startsWith("HTTP/1.0"), lines);
    }

    private static int status(String line) throws MisbehavedException {
        boolean wellFormed = line.length() >= SHORTEST_STATUS_LINE
                && (line.startsWith("HTTP/1.1 ") || line.startsWith("HTTP/1.0 "))
                && (line.length() == SHORTEST_STATUS_LINE || line.charAt(SHORTEST_STATUS_LINE) == ' ')
                && line.chars().skip(9).limit(3).allMatch(c -> c >= '0' && c <= '9');
        int status = wellFormed ? Integer.parseInt(line.substring(9, SHORTEST_STATUS_LINE)) : 0;
        if (status < 100 || status > 599) {
            throw new MisbehavedException(
                    "the first line is \"%s\", expected a status line of HTTP/1.1".formatted(Text.printable(line, 60)));
        }
        return status;
    }

    /** All values of a field, in the order they came. */
    public List<String> values(String name) {
        return lines.stream()
                .filter(line -> line.name().equalsIgnoreCase(name))
                .map(HeaderLine::value)
                .toList();
    }

    /**
     * RFC 9112 §6.3, but refuses what two readers could take for two things.
     *
     * @param isHead the request was HEAD
     * @throws MisbehavedException the length is ambiguous
     */
    public Framing framing(boolean isHead) throws MisbehavedException {
        var codings = values("transfer-encoding");
        var lengths = values("content-length");
        if (codings.size() + lengths.size() > 1) {
            throw new MisbehavedException("the length of the answer is given twice");
        }
        if (!codings.isEmpty() && (isOld || !codings.getFirst().equalsIgnoreCase("chunked"))) {
            throw new MisbehavedException("Transfer-Encoding is \"%s\", expected chunked, with HTTP/1.1"
                    .formatted(Text.printable(codings.getFirst(), 60)));
        }
        Framing length =
                lengths.isEmpty() ? new Framing.Rest() : new Framing.Length(ResponseHead.decimal(lengths.getFirst()));
        if (isHead || status < 200 || status == 204 || status == 304) {
            return new Framing.None();
        }
        return codings.isEmpty() ? length : new Framing.Chunked();
    }
}
