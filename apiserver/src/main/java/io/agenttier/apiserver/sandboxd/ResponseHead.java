package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Status line and header fields of an answer, parsed strictly and within bounds.
 *
 * @param fields names in lower case; a field that came twice is kept once, the first
 */
record ResponseHead(int status, Map<String, String> fields) {
    private static final int LINE_BYTES = 8 * 1024;
    private static final int FIELDS = 64;
    /** 100 Continue is the only interim answer expected; more than this is a pod that plays with us. */
    private static final int INTERIM = 4;

    /** How the body that follows is delimited. */
    sealed interface Framing {
        record None() implements Framing {}

        record Length(long bytes) implements Framing {}

        record Chunked() implements Framing {}

        /** Another protocol, until the connection ends. */
        record Switched() implements Framing {}
    }

    Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    boolean keepsConnection() {
        return !field("connection")
                .map(value -> value.toLowerCase(Locale.ROOT).contains("close"))
                .orElse(false);
    }

    /** 101: what follows is no HTTP any more. */
    boolean isSwitch() {
        return status == 101;
    }

    /** The final head; interim ones are passed over. */
    static ResponseHead read(WireInput in) throws IOException {
        for (int i = 0; i < INTERIM; i++) {
            var head = readAny(in);
            if (head.status >= 200 || head.isSwitch()) {
                return head;
            }
        }
        throw new MisbehavedException("more than %d interim answers".formatted(INTERIM));
    }

    /** The next head, be it interim or final. */
    static ResponseHead readAny(WireInput in) throws IOException {
        int status = status(in.line(LINE_BYTES));
        var fields = new HashMap<String, String>();
        for (int count = 0; ; count++) {
            var line = in.line(LINE_BYTES);
            if (line.isEmpty()) {
                return new ResponseHead(status, Map.copyOf(fields));
            }
            if (count == FIELDS) {
                throw new MisbehavedException("more than %d header fields".formatted(FIELDS));
            }
            add(fields, line);
        }
    }

    Framing framing() throws MisbehavedException {
        var coding = field("transfer-encoding");
        var length = field("content-length");
        if (isSwitch()) {
            return new Framing.Switched();
        }
        if (status == 204 || status == 304) {
            return new Framing.None();
        }
        if (coding.isPresent()) {
            if (length.isPresent() || !coding.get().equalsIgnoreCase("chunked")) {
                throw new MisbehavedException("the length of the answer is ambiguous");
            }
            return new Framing.Chunked();
        }
        if (length.isEmpty()) {
            throw new MisbehavedException("the answer has no length");
        }
        return new Framing.Length(decimal(length.get()));
    }

    private static int status(String line) throws MisbehavedException {
        boolean wellFormed = line.length() >= 12
                && line.startsWith("HTTP/1.1 ")
                && (line.length() == 12 || line.charAt(12) == ' ')
                && line.chars().skip(9).limit(3).allMatch(c -> c >= '0' && c <= '9');
        int status = wellFormed ? Integer.parseInt(line.substring(9, 12)) : 0;
        if (status < 100 || status > 599) {
            throw new MisbehavedException("no HTTP/1.1 status line");
        }
        return status;
    }

    private static void add(Map<String, String> fields, String line) throws MisbehavedException {
        var field = HeaderLine.parse(line);
        var name = field.name().toLowerCase(Locale.ROOT);
        boolean doubled = fields.putIfAbsent(name, field.value()) != null;
        if (doubled && (name.equals("content-length") || name.equals("transfer-encoding"))) {
            throw new MisbehavedException("the length of the answer is given twice");
        }
    }

    static long decimal(String text) throws MisbehavedException {
        if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new MisbehavedException("Content-Length is no number");
        }
        return Long.parseLong(text);
    }
}
