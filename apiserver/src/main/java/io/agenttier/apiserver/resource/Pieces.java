package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.Stream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Cuts output into pieces that do not end within a UTF-8 character: the beginning of one waits for its rest. It waits no longer than
 * until something else of the view follows it, since pieces leave in the order of their offsets. Bytes are never lost, doubled or moved.
 */
final class Pieces {
    private static final byte[] NOTHING = {};

    /**
     * Bytes of one stream.
     *
     * @param end position after the last byte, in the view asked for
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Piece(Stream stream, byte[] bytes, long end) {}

    private Stream stream = Stream.STDOUT;
    private byte[] waiting = NOTHING;
    private long waitingEnd;

    /** Pieces that are complete with this output. */
    List<Piece> add(Frame.Output output) {
        var pieces = new ArrayList<Piece>(2);
        if (waiting.length > 0 && (output.stream() != stream || output.offset() != waitingEnd)) {
            flush().ifPresent(pieces::add);
        }
        var bytes = output.bytes();
        if (waiting.length > 0) {
            bytes = Arrays.copyOf(waiting, waiting.length + output.bytes().length);
            System.arraycopy(output.bytes(), 0, bytes, waiting.length, output.bytes().length);
        }
        int open = Utf8.openBytes(bytes);
        stream = output.stream();
        waiting = open == 0 ? NOTHING : Arrays.copyOfRange(bytes, bytes.length - open, bytes.length);
        waitingEnd = output.end();
        if (open < bytes.length) {
            var whole = open == 0 ? bytes : Arrays.copyOf(bytes, bytes.length - open);
            pieces.add(new Piece(stream, whole, output.end() - open));
        }
        return pieces;
    }

    /** Bytes at the end of what was added that have not left yet. */
    int waiting() {
        return waiting.length;
    }

    /** What still waits, since nothing that completes it can come. */
    Optional<Piece> flush() {
        if (waiting.length == 0) {
            return Optional.empty();
        }
        var rest = new Piece(stream, waiting, waitingEnd);
        waiting = NOTHING;
        return Optional.of(rest);
    }
}
