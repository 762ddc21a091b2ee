package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.ByteSocket;
import io.agenttier.apiserver.route.ClientGoneException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A client that speaks bytes. */
final class FakeBytes implements ByteSocket {
    private static final byte[] GONE = {};

    private final BlockingQueue<byte[]> said = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    private volatile Runnable goingAway = () -> {};
    private volatile boolean closed;

    void says(byte[] bytes) {
        said.add(bytes);
    }

    void leave() {
        said.add(GONE);
    }

    void serverStops() {
        goingAway.run();
    }

    synchronized byte[] heard() {
        return heard.toByteArray();
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public int read(byte[] into) throws IOException {
        try {
            var bytes = said.take();
            if (bytes.length == 0) {
                throw new ClientGoneException();
            }
            System.arraycopy(bytes, 0, into, 0, bytes.length);
            return bytes.length;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        heard.write(bytes, offset, length);
    }

    @Override
    public void onGoingAway(Runnable action) {
        goingAway = action;
    }

    @Override
    public void close() {
        closed = true;
        leave();
    }
}
