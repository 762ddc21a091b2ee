package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.Stream;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Output of a process for one JSON answer: each stream up to a limit, what is beyond is passed over. */
final class Collected {
    /** So much is not counted against the budget. */
    private static final int SMALL_BYTES = 64 * 1024;
    /** The bytes, a copy, the text, and its JSON, in which a control character takes six bytes. */
    private static final int BYTES_IN_MEMORY = 10;

    private static final int STEP_BYTES = 512 * 1024;

    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final int maxBytes;
    private final MemoryBudget.Share memory;
    private int room = SMALL_BYTES;
    private boolean truncated;
    private boolean full;

    /**
     * @param maxBytes for each stream
     * @param memory when it has no more, the rest is passed over as if the limit were reached
     */
    Collected(int maxBytes, MemoryBudget.Share memory) {
        this.maxBytes = maxBytes;
        this.memory = memory;
    }

    void add(Frame.Output output) {
        var buffer = output.stream() == Stream.STDOUT ? stdout : stderr;
        int length = output.bytes().length;
        int taken = Math.min(maxBytes - buffer.size(), length);
        while (taken > room && !full) {
            full = !memory.grow((long) STEP_BYTES * BYTES_IN_MEMORY);
            room += full ? 0 : STEP_BYTES;
        }
        if (taken > room) {
            taken = room;
            room = 0;
        } else {
            room -= taken;
        }
        buffer.write(output.bytes(), 0, taken);
        truncated |= taken < length;
    }

    /** Bytes are missing that were dropped before they could be read. */
    void addGap() {
        truncated = true;
    }

    boolean isTruncated() {
        return truncated;
    }

    /** Adds {@code stdout} and {@code stderr}, in base64 where they are not UTF-8. */
    void addTo(Map<String, @Nullable Object> document) {
        Utf8.put(document, "stdout", content(stdout));
        Utf8.put(document, "stderr", content(stderr));
    }

    private byte[] content(ByteArrayOutputStream buffer) {
        var bytes = buffer.toByteArray();
        return truncated ? Utf8.withoutOpenEnd(bytes) : bytes;
    }
}
