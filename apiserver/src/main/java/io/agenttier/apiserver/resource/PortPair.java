package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.WebSocket;
import io.agenttier.apiserver.sandboxd.Tunnel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** One of several ports that share a WebSocket, on the two channels of its own. It is over when the port has sent all, or has failed. */
final class PortPair {
    private static final int PIECE_BYTES = 32 * 1024;
    private static final int ERROR_CHARS = 500;

    private final int place;
    private final int port;
    private final Dialler dialler;
    /** Empty when there is no connection to this port, nor will be. */
    private final CompletableFuture<Optional<Tunnel>> tunnel = new CompletableFuture<>();

    private final AtomicBoolean cut = new AtomicBoolean();

    /** @param place in the request */
    PortPair(int place, int port, Dialler dialler) {
        this.place = place;
        this.port = port;
        this.dialler = dialler;
    }

    /** What connects to the port. */
    @FunctionalInterface
    interface Dialler {
        Dialled dial() throws ClientGoneException;
    }

    /** Whether there is a connection. */
    sealed interface Dialled extends AutoCloseable {
        record Connected(Tunnel tunnel) implements Dialled {
            @Override
            public void close() {
                tunnel.close();
            }
        }

        /** @param why for people */
        record Failed(String why) implements Dialled {
            @Override
            public void close() {}
        }

        @Override
        void close();
    }

    /** Who hears of bytes from the port. */
    @FunctionalInterface
    interface Meter {
        void count(int bytes);
    }

    /** Says on both channels which port they belong to, as two bytes with the lower first: clients wait for that. */
    void announce(WebSocket socket) throws IOException {
        var bytes = new byte[] {(byte) port, (byte) (port >>> Byte.SIZE)};
        socket.send(PairFrames.dataChannel(place), bytes, 0, bytes.length);
        socket.send(PairFrames.errorChannel(place), bytes, 0, bytes.length);
    }

    /**
     * Connects, carries what the port sends until it is over, and tells a failure on the error channel. To be called once.
     *
     * @param why tells what a connection that was cut ended by
     */
    RemoteEnd run(WebSocket socket, Meter meter, EarlyEnd why, String sandbox) throws IOException {
        var end = connectAndCarry(socket, meter, why);
        if (!end.equals(RemoteEnd.succeeded())) {
            var text = "error forwarding port %d to sandbox %s: %s".formatted(port, sandbox, end.message());
            var error = text.substring(0, Math.min(text.length(), ERROR_CHARS)).getBytes(StandardCharsets.UTF_8);
            socket.send(PairFrames.errorChannel(place), error, 0, error.length);
        }
        return end;
    }

    private RemoteEnd connectAndCarry(WebSocket socket, Meter meter, EarlyEnd why) throws IOException {
        try {
            return switch (dialler.dial()) {
                case Dialled.Failed(String message) -> RemoteEnd.brokenByPort(message);
                case Dialled.Connected(Tunnel connected) -> carry(socket, connected, meter, why);
            };
        } finally {
            tunnel.complete(Optional.empty());
        }
    }

    private RemoteEnd carry(WebSocket socket, Tunnel connected, Meter meter, EarlyEnd why) throws ClientGoneException {
        try (connected) {
            tunnel.complete(Optional.of(connected));
            if (cut.get()) {
                return why.why();
            }
            try {
                return carry(socket, connected, meter);
            } catch (ClientGoneException e) {
                throw e;
            } catch (Tunnel.BrokenException e) {
                return RemoteEnd.brokenByPort(e.getMessage() == null ? "" : e.getMessage());
            } catch (IOException e) {
                return why.why();
            } finally {
                // whoever writes is not left waiting
                connected.abort();
            }
        }
    }

    private RemoteEnd carry(WebSocket socket, Tunnel connected, Meter meter) throws IOException {
        var buffer = new byte[PIECE_BYTES];
        for (int count = connected.read(buffer, 0, PIECE_BYTES);
                count >= 0;
                count = connected.read(buffer, 0, PIECE_BYTES)) {
            socket.send(PairFrames.dataChannel(place), buffer, 0, count);
            meter.count(count);
        }
        return RemoteEnd.succeeded();
    }

    /**
     * Gives the port bytes from {@code offset} on, at its pace; waits for a connection that is being made. What comes for one that is over
     * is thrown away.
     *
     * @return whether the port has them
     */
    boolean write(byte[] bytes, int offset) {
        var connected = tunnel.join();
        if (connected.isEmpty()) {
            return false;
        }
        try {
            connected.get().write(bytes, offset, bytes.length - offset);
            return true;
        } catch (IOException e) {
            // the reader sees the same, and tells it
            return false;
        }
    }

    /** Cuts the connection, now or as soon as there is one. Any thread; does not block. */
    void cut() {
        cut.set(true);
        tunnel.getNow(Optional.empty()).ifPresent(Tunnel::abort);
    }
}
