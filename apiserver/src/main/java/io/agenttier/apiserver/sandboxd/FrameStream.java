package io.agenttier.apiserver.sandboxd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/**
 * Output of one process as a blocking sequence of frames. Offsets never go back. Read by one thread; {@link #abort} is for any.
 */
public final class FrameStream implements AutoCloseable {
    private static final int MAX_PAYLOAD = 1 << 20;
    /** An event holds one process or one exit record, whose longest text has 4 KiB. */
    private static final int MAX_EVENT = 64 * 1024;

    private static final int MESSAGE_CHARS = 1024;
    private static final int OFFSET_BYTES = 8;
    /** The end of the body follows the exit record at once; waiting longer is dearer than a new connection. */
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final Response response;
    private final byte[] header = new byte[5];
    private long position;
    private boolean exited;

    FrameStream(Response response, long from) {
        this.response = response;
        this.position = from;
    }

    /** Header {@code AgentTier-First-Offset}: the first offset that is still kept. */
    public long firstOffset() throws MisbehavedException {
        var text = response.field("agenttier-first-offset").orElse("0");
        if (!text.matches("[0-9]{1,18}")) {
            throw new MisbehavedException("AgentTier-First-Offset is no number");
        }
        return Long.parseLong(text);
    }

    /** Whether the process was there before: a start that was asked for twice. */
    public boolean isJoined() {
        return response.field("agenttier-joined").filter("true"::equals).isPresent();
    }

    /** The next frame; empty at the proper end of the stream. */
    public Optional<Frame> next() throws IOException {
        while (true) {
            if (!fill(header)) {
                return Optional.empty();
            }
            int length = ByteBuffer.wrap(header, 1, 4).getInt();
            if (length < 0 || length > MAX_PAYLOAD) {
                throw new MisbehavedException("a frame is longer than %d bytes".formatted(MAX_PAYLOAD));
            }
            var frame = switch (header[0]) {
                case 'o' -> output(Stream.STDOUT, length);
                case 'e' -> output(Stream.STDERR, length);
                case 'j' -> event(length);
                case 'k' -> keepAlive(length);
                default -> throw new MisbehavedException("a frame has an unknown type");
            };
            if (frame.isPresent()) {
                return frame;
            }
        }
    }

    /** Position after the last byte delivered, in the view asked for. */
    public long position() {
        return position;
    }

    /** Cuts the connection, so that sandboxd sees its reader gone. Any thread; a blocked {@link #next} fails. */
    public void abort() {
        response.abort();
    }

    @Override
    public void close() {
        try {
            if (exited) {
                response.silenceLimit(FAREWELL);
                fill(header);
            }
        } catch (IOException e) {
            response.abort();
        } finally {
            response.close();
        }
    }

    private Optional<Frame> output(Stream stream, int length) throws IOException {
        if (length <= OFFSET_BYTES) {
            throw new MisbehavedException("a frame of output is empty");
        }
        var prefix = new byte[OFFSET_BYTES];
        readFully(prefix);
        long offset = ByteBuffer.wrap(prefix).getLong();
        var bytes = new byte[length - OFFSET_BYTES];
        if (offset < position || offset > Long.MAX_VALUE - bytes.length) {
            throw new MisbehavedException("offsets of output go back");
        }
        readFully(bytes);
        position = offset + bytes.length;
        return Optional.of(new Frame.Output(stream, offset, bytes));
    }

    /** Empty for an event this version does not know. */
    private Optional<Frame> event(int length) throws IOException {
        if (length > MAX_EVENT) {
            throw new MisbehavedException("an event is longer than %d bytes".formatted(MAX_EVENT));
        }
        var payload = new byte[length];
        readFully(payload);
        var fields = Fields.parse(payload);
        return switch (fields.name("event")) {
            case "start" -> Optional.of(new Frame.Started(ProcessInfo.from(required(fields, "process"))));
            case "gap" -> Optional.of(gap(fields.count("from"), fields.count("to")));
            case "exit" -> {
                var exit = new Frame.Exited(Exit.from(required(fields, "exit")), fields.count("offset"));
                exited = true;
                yield Optional.of(exit);
            }
            case "stdinTaken" -> Optional.of(new Frame.StdinTaken());
            case "notice" -> Optional.of(new Frame.Notice(fields.text("text", MESSAGE_CHARS)));
            case "error" ->
                throw new MisbehavedException("the daemon ended the stream", fields.text("message", MESSAGE_CHARS));
            default -> Optional.empty();
        };
    }

    private Frame.Gap gap(long from, long to) throws MisbehavedException {
        if (from < position || to <= from) {
            throw new MisbehavedException("offsets of a gap go back");
        }
        position = to;
        return new Frame.Gap(from, to);
    }

    private static Optional<Frame> keepAlive(int length) throws MisbehavedException {
        if (length != 0) {
            throw new MisbehavedException("a keepalive frame is not empty");
        }
        return Optional.of(new Frame.KeepAlive());
    }

    private static Fields required(Fields fields, String key) throws MisbehavedException {
        return fields.object(key)
                .orElseThrow(() -> new MisbehavedException("an event lacks field \"%s\"".formatted(key)));
    }

    private void readFully(byte[] into) throws IOException {
        if (into.length > 0 && !fill(into)) {
            throw new EOFException("the stream ended within a frame");
        }
    }

    /** False if the stream ended before the first byte. */
    private boolean fill(byte[] into) throws IOException {
        int filled = 0;
        while (filled < into.length) {
            int count = response.read(into, filled, into.length - filled);
            if (count < 0) {
                if (filled == 0) {
                    return false;
                }
                throw new EOFException("the stream ended within a frame");
            }
            filled += count;
        }
        return true;
    }
}
