package io.agenttier.apiserver.route;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Percent-decoding that refuses what it does not understand: half escapes, bytes that are no UTF-8, control characters. */
final class PercentCoding {
    private PercentCoding() {}

    /** A path segment; {@code +} is a plus. Empty if malformed. */
    static Optional<String> segment(String raw) {
        return decode(raw, false);
    }

    /** A key or value of a query; {@code +} is a space, control characters are allowed. Empty if malformed. */
    static Optional<String> query(String raw) {
        return decode(raw, true);
    }

    private static Optional<String> decode(String raw, boolean query) {
        var bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return Optional.empty();
            }
            if (c == '%') {
                int value = i + 2 < raw.length() ? hex(raw.charAt(i + 1)) * 16 + hex(raw.charAt(i + 2)) : -1;
                if (value < 0 || (!query && (value < ' ' || value == 0x7f))) {
                    return Optional.empty();
                }
                bytes.write(value);
                i += 2;
            } else {
                bytes.write(query && c == '+' ? ' ' : c);
            }
        }
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** Far below zero for what is no hexadecimal digit, so that a sum with it is negative. */
    private static int hex(char c) {
        int digit = c < 0x7f ? Character.digit(c, 16) : -1;
        return digit < 0 ? -4096 : digit;
    }
}
