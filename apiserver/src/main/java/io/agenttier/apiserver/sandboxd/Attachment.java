package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A connection to one process that goes both ways: frames of output come, frames of input go ({@code docs/sandboxd-protocol.md} §8). One
 * thread reads {@link #frames}; input may come from another one. Writing input blocks as long as the process does not read, without a
 * limit: {@link #abort} ends that.
 */
public final class Attachment implements AutoCloseable {
    static final String PROTOCOL = "agenttier-frames";
    private static final int OFFSET_BYTES = 8;
    private static final int HEADER_BYTES = 5;
    /** sandboxd drops a client that is silent for 70 s. */
    private static final Duration QUIET = Duration.ofSeconds(10);

    private final Response response;
    private final FrameStream frames;
    private final long firstStdinOffset;
    private final ReentrantLock writing = new ReentrantLock();
    private long stdin;
    private long writtenAt = System.nanoTime();

    Attachment(Response response, long offset) throws MisbehavedException {
        this.response = response;
        this.frames = new FrameStream(response, offset);
        var text = response.field("agenttier-stdin-offset").orElse("0");
        if (!text.matches("[0-9]{1,18}")) {
            throw new MisbehavedException("AgentTier-Stdin-Offset is no number");
        }
        this.firstStdinOffset = Long.parseLong(text);
        this.stdin = firstStdinOffset;
    }

    /** Where the output begins, as the answer to an attach says. An answer that is an error says nothing. */
    static long offset(Response answer) throws MisbehavedException {
        var text = answer.field("agenttier-offset").orElse("0");
        if (!text.matches("[0-9]{1,18}")) {
            answer.close();
            throw new MisbehavedException("AgentTier-Offset is no number");
        }
        return Long.parseLong(text);
    }

    /** Output, from the start event to the exit record. */
    public FrameStream frames() {
        return frames;
    }

    /** Bytes of stdin that the process was given before. */
    public long stdinOffset() {
        return firstStdinOffset;
    }

    /** Sends the next bytes of stdin. */
    public void stdin(byte[] bytes, int offset, int length) throws IOException {
        writing.lock();
        try {
            write(frame('i', OFFSET_BYTES + length).putLong(stdin).put(bytes, offset, length));
            stdin += length;
        } finally {
            writing.unlock();
        }
    }

    /** Nothing more comes after what was sent: end of file for the process, once it has read that. */
    public void closeStdin() throws IOException {
        writing.lock();
        try {
            write(frame('c', OFFSET_BYTES).putLong(stdin));
        } finally {
            writing.unlock();
        }
    }

    public void resize(TerminalSize size) throws IOException {
        var json =
                "{\"cols\":%d,\"rows\":%d}".formatted(size.cols(), size.rows()).getBytes(StandardCharsets.US_ASCII);
        writing.lock();
        try {
            write(frame('r', json.length).put(json));
        } finally {
            writing.unlock();
        }
    }

    /** Shows that this end is alive, if nothing else has done so for a while. To be called every 15 s or more often. */
    public void keepAlive() throws IOException {
        writing.lock();
        try {
            if (System.nanoTime() - writtenAt > QUIET.toNanos()) {
                write(frame('k', 0));
            }
        } finally {
            writing.unlock();
        }
    }

    /** The head of a frame, with room for exactly its payload. */
    private static ByteBuffer frame(char type, int length) {
        return ByteBuffer.allocate(HEADER_BYTES + length).put((byte) type).putInt(length);
    }

    @SuppressWarnings("ByteBufferBackingArray") // all of them come from frame
    private void write(ByteBuffer frame) throws IOException {
        response.write(frame.array());
        writtenAt = System.nanoTime();
    }

    /** Cuts the connection, so that sandboxd sees its client gone. Any thread; blocked reads and writes fail. */
    public void abort() {
        frames.abort();
    }

    @Override
    public void close() {
        frames.close();
    }
}
