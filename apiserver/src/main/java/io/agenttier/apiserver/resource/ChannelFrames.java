package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.MalformedException;
import io.agenttier.apiserver.route.WebSocket.Received.Piece;
import io.agenttier.apiserver.sandboxd.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/**
 * What a client says on the channels of {@code v5.channel.k8s.io} and {@code v4.channel.k8s.io}: the first byte of a message names the
 * channel, the rest belongs to it. Fed piece by piece, since a message may be long and come in fragments.
 */
final class ChannelFrames {
    static final int STDIN = 0;
    static final int STDOUT = 1;
    static final int STDERR = 2;
    static final int ERROR = 3;
    static final int RESIZE = 4;
    static final int CLOSE = 255;

    /** With half-close. */
    static final String V5 = "v5.channel.k8s.io";

    static final String V4 = "v4.channel.k8s.io";

    private static final int SHORT_MESSAGE = 1024;
    private static final int NO_CHANNEL = -1;

    private final boolean hasHalfClose;
    private final ByteArrayOutputStream shortMessage = new ByteArrayOutputStream();
    private int channel = NO_CHANNEL;

    /** @param protocol {@link #V5} or {@link #V4} */
    ChannelFrames(String protocol) {
        this.hasHalfClose = protocol.equals(V5);
    }

    /** What a piece means. */
    sealed interface Said {
        /** Bytes of stdin from {@code offset} to the end of the array. */
        @SuppressWarnings("ArrayRecordComponent")
        record Stdin(byte[] bytes, int offset) implements Said {}

        /** Half-close: nothing more comes on channel 0. */
        record StdinEnd() implements Said {}

        record Resize(TerminalSize size) implements Said {}

        /** Nothing to do: the beginning of a message, or a channel that is not for clients. */
        record Nothing() implements Said {}
    }

    /** A client that breaks the rules of the channels. The message is the reason of the close frame. */
    static final class BrokenException extends Exception {
        private static final long serialVersionUID = 1L;

        BrokenException(String message) {
            super(message);
        }
    }

    Said take(Piece piece) throws BrokenException {
        int from = 0;
        if (piece.first()) {
            channel = NO_CHANNEL;
            shortMessage.reset();
        }
        if (channel == NO_CHANNEL && piece.bytes().length > 0) {
            channel = piece.bytes()[0] & 0xff;
            from = 1;
        }
        return switch (channel) {
            case STDIN -> from < piece.bytes().length ? new Said.Stdin(piece.bytes(), from) : new Said.Nothing();
            case RESIZE -> whole(piece, from).isPresent() ? resize() : new Said.Nothing();
            case CLOSE -> hasHalfClose && whole(piece, from).isPresent() ? halfClose() : new Said.Nothing();
            default -> new Said.Nothing();
        };
    }

    /** The message of a channel with short ones, once it is whole. */
    private Optional<byte[]> whole(Piece piece, int from) throws BrokenException {
        if (shortMessage.size() + piece.bytes().length - from > SHORT_MESSAGE) {
            throw new BrokenException(
                    "a message on channel %d is longer than %d bytes".formatted(channel, SHORT_MESSAGE));
        }
        shortMessage.write(piece.bytes(), from, piece.bytes().length - from);
        return piece.last() ? Optional.of(shortMessage.toByteArray()) : Optional.empty();
    }

    private Said resize() throws BrokenException {
        try {
            var json = Json.object(shortMessage.toByteArray());
            if (json.get("Width") instanceof Integer width && json.get("Height") instanceof Integer height) {
                // terminals without a size say 0
                return width < 1 || height < 1
                        ? new Said.Nothing()
                        : new Said.Resize(new TerminalSize(
                                Math.min(width, TerminalSize.MAX), Math.min(height, TerminalSize.MAX)));
            }
        } catch (MalformedException e) {
            throw wrongSize();
        }
        throw wrongSize();
    }

    private static BrokenException wrongSize() {
        return new BrokenException("channel 4: expected {\"Width\":columns,\"Height\":rows}");
    }

    private Said halfClose() throws BrokenException {
        var closed = shortMessage.toByteArray();
        if (closed.length != 1) {
            throw new BrokenException("channel 255: expected one byte, the channel that ends");
        }
        return closed[0] == STDIN ? new Said.StdinEnd() : new Said.Nothing();
    }
}
