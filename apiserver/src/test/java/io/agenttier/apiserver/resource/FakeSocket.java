package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.MalformedException;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.WebSocket;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client at the other end of a WebSocket, played by the test. */
final class FakeSocket implements WebSocket {
    /** Where {@link #heard} has what came without a channel. */
    static final int PLAIN = -1;

    private final BlockingQueue<Optional<Received.Piece>> said = new LinkedBlockingQueue<>();
    private final Map<Integer, ByteArrayOutputStream> heard = new HashMap<>();
    private int emptyOutput;
    private volatile boolean over;
    private volatile int closeCode;
    private volatile String closeReason = "";
    private volatile Runnable goingAway = () -> {};

    /** A whole message on a channel. */
    FakeSocket says(int channel, byte[] bytes) {
        var message = new byte[bytes.length + 1];
        message[0] = (byte) channel;
        System.arraycopy(bytes, 0, message, 1, bytes.length);
        said.add(Optional.of(new Received.Piece(message, true, true)));
        return this;
    }

    FakeSocket says(int channel, String text) {
        return says(channel, text.getBytes(StandardCharsets.UTF_8));
    }

    FakeSocket halfCloses() {
        return says(ChannelFrames.CLOSE, new byte[] {ChannelFrames.STDIN});
    }

    void leave() {
        over = true;
        said.add(Optional.empty());
    }

    /** Messages on channel 1 without a byte. */
    synchronized int emptyOutput() {
        return emptyOutput;
    }

    synchronized String heard(int channel) {
        var bytes = heard.get(channel);
        return bytes == null ? "" : bytes.toString(StandardCharsets.UTF_8);
    }

    synchronized byte[] bytes(int channel) {
        var bytes = heard.get(channel);
        return bytes == null ? new byte[0] : bytes.toByteArray();
    }

    /** What came on channel 3. */
    Map<String, Object> status() {
        try {
            return Json.object(bytes(ChannelFrames.ERROR));
        } catch (MalformedException e) {
            throw new AssertionError(heard(ChannelFrames.ERROR), e);
        }
    }

    int closeCode() {
        return closeCode;
    }

    String closeReason() {
        return closeReason;
    }

    @Override
    public Received receive(Duration patience) throws ClientGoneException {
        try {
            var next = said.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (next == null) {
                return new Received.Nothing();
            }
            return next.orElseThrow(ClientGoneException::new);
        } catch (InterruptedException e) {
            throw new ClientGoneException();
        }
    }

    @Override
    public void send(int channel, byte[] bytes, int offset, int length) throws ClientGoneException {
        synchronized (this) {
            if (over) {
                throw new ClientGoneException();
            }
            if (channel == ChannelFrames.STDOUT && length == 0) {
                emptyOutput++;
            }
            heard.computeIfAbsent(channel, _ -> new ByteArrayOutputStream()).write(bytes, offset, length);
        }
    }

    @Override
    public void send(byte[] bytes, int offset, int length) throws ClientGoneException {
        send(PLAIN, bytes, offset, length);
    }

    @Override
    public void onGoingAway(Runnable action) {
        goingAway = action;
    }

    /** As the connection does it: the use case is told, then the client, and then there is no client any more. */
    void serverStops() {
        goingAway.run();
        close(1001, "this server stops: come back");
    }

    @Override
    public synchronized void close(int code, String reason) {
        if (closeCode == 0) {
            closeCode = code;
            closeReason = reason;
        }
        leave();
    }
}
