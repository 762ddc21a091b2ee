package io.agenttier.cli.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Server-sent events from bytes, however these are split. Comments and unknown fields are skipped; what stands after the last blank line is no
 * event, so a stream that was cut yields no half one.
 */
final class SseParser {
    private static final int MAX_EVENT = 32 * 1024 * 1024;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private String name = "";
    private boolean hasData;
    private boolean afterCarriageReturn;
    private boolean isFirstLine = true;

    /** @throws IOException if a line or an event is larger than any of ours */
    void feed(byte[] bytes, int offset, int length, Consumer<SseEvent> events) throws IOException {
        int start = offset;
        for (int i = offset; i < offset + length; i++) {
            byte b = bytes[i];
            if (b == '\n' && afterCarriageReturn) {
                afterCarriageReturn = false;
                start = i + 1;
                continue;
            }
            afterCarriageReturn = b == '\r';
            if (b == '\n' || b == '\r') {
                keep(bytes, start, i);
                start = i + 1;
                endLine(events);
            }
        }
        keep(bytes, start, offset + length);
    }

    private void keep(byte[] bytes, int from, int to) throws IOException {
        if (line.size() + data.length() + (to - from) > MAX_EVENT) {
            throw new IOException("the server sent an event of more than %d bytes".formatted(MAX_EVENT));
        }
        line.write(bytes, from, to - from);
    }

    private void endLine(Consumer<SseEvent> events) {
        var text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        if (isFirstLine && text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        isFirstLine = false;
        if (text.isEmpty()) {
            dispatch(events);
            return;
        }
        int colon = text.indexOf(':');
        var field = colon < 0 ? text : text.substring(0, colon);
        var value = colon < 0 ? "" : text.substring(colon + 1);
        if (value.startsWith(" ")) {
            value = value.substring(1);
        }
        if (field.equals("event")) {
            name = value;
        } else if (field.equals("data")) {
            if (hasData) {
                data.append('\n');
            }
            data.append(value);
            hasData = true;
        }
    }

    private void dispatch(Consumer<SseEvent> events) {
        if (hasData) {
            events.accept(new SseEvent(name.isEmpty() ? "message" : name, data.toString()));
        }
        name = "";
        data.setLength(0);
        hasData = false;
    }
}
