package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.WebSocket;
import io.agenttier.apiserver.route.WebSocket.Received.Piece;
import java.io.IOException;

/** How bytes of a port look in the messages of a WebSocket. */
sealed interface PortWire {
    /** Every message is bytes and nothing else, so there is no half-close. */
    String PLAIN = "tcp.agenttier.io";

    /** @param protocol {@link #PLAIN} or {@link ChannelFrames#V5} */
    static PortWire of(String protocol) {
        return protocol.equals(PLAIN) ? new Plain() : new Channels(new ChannelFrames(protocol));
    }

    /** What a piece of the client's means; a size of a terminal means nothing here. */
    ChannelFrames.Said take(Piece piece) throws ChannelFrames.BrokenException;

    void send(WebSocket socket, byte[] bytes, int length) throws IOException;

    /**
     * Tells that the port has sent all.
     *
     * @return false if the messages cannot say so, and the socket is to be closed instead
     */
    boolean halfClose(WebSocket socket) throws IOException;

    /** Tells how it ended, before the socket is closed. */
    void status(WebSocket socket, RemoteEnd end) throws IOException;

    /** {@code tcp.agenttier.io}. */
    record Plain() implements PortWire {
        @Override
        public ChannelFrames.Said take(Piece piece) {
            return new ChannelFrames.Said.Stdin(piece.bytes(), 0);
        }

        @Override
        public void send(WebSocket socket, byte[] bytes, int length) throws IOException {
            socket.send(bytes, 0, length);
        }

        @Override
        public boolean halfClose(WebSocket socket) {
            return false;
        }

        @Override
        public void status(WebSocket socket, RemoteEnd end) {}
    }

    /** {@code v5.channel.k8s.io}: channel 0 to the port, channel 1 from it, 255 for the end of either, 3 for the Status. */
    record Channels(ChannelFrames frames) implements PortWire {
        private static final byte[] FROM_PORT = {ChannelFrames.STDOUT};

        @Override
        public ChannelFrames.Said take(Piece piece) throws ChannelFrames.BrokenException {
            return frames.take(piece);
        }

        @Override
        public void send(WebSocket socket, byte[] bytes, int length) throws IOException {
            socket.send(ChannelFrames.STDOUT, bytes, 0, length);
        }

        @Override
        public boolean halfClose(WebSocket socket) throws IOException {
            socket.send(ChannelFrames.CLOSE, FROM_PORT, 0, FROM_PORT.length);
            return true;
        }

        @Override
        public void status(WebSocket socket, RemoteEnd end) throws IOException {
            var status = end.json();
            socket.send(ChannelFrames.ERROR, status, 0, status.length);
        }
    }
}
