package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.resource.ProxyRequestHead.Body;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.sandboxd.PortHttp;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The request on its way to the port, on a thread of its own: a port may answer before it has taken all. A body that breaks off breaks the
 * connection to the port, which then cannot take a part for the whole.
 */
final class ProxyUpload {
    private static final int PIECE_BYTES = 32 * 1024;
    /** How long a port may take to say that it wants a body; then it gets it unasked (RFC 9110 §10.1.1). */
    private static final long INVITATION_SECONDS = 1;

    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

    private final Exchange exchange;
    private final PortHttp port;
    private final Body body;
    private final boolean asks;
    private final Runnable used;
    private final CountDownLatch invited = new CountDownLatch(1);
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
    private final AtomicLong bytes = new AtomicLong();
    private @Nullable SecondThread thread;

    private ProxyUpload(Exchange exchange, PortHttp port, Body body, boolean asks, Runnable used) {
        this.exchange = exchange;
        this.port = port;
        this.body = body;
        this.asks = asks;
        this.used = used;
    }

    /** @param used is run for each piece */
    static ProxyUpload begin(
            Call call, Exchange exchange, ProxyTarget target, PortHttp port, boolean upgrade, Runnable used) {
        var body = body(call, exchange);
        boolean asks = call.header("expect").isPresent() && !(body instanceof Body.None);
        var head = ProxyRequestHead.of(call, target, body, upgrade, asks);
        var upload = new ProxyUpload(exchange, port, body, asks, used);
        upload.thread = SecondThread.start("to-port", () -> upload.run(head));
        return upload;
    }

    private static Body body(Call call, Exchange exchange) {
        var length = exchange.contentLength();
        if (length.isEmpty()) {
            return new Body.Chunked();
        }
        return length.getAsLong() == 0 && !WITH_BODY.contains(call.method())
                ? new Body.None()
                : new Body.Length(length.getAsLong());
    }

    /** The port wants the body. */
    void invite() {
        invited.countDown();
    }

    /** What was wrong with the request's body, if anything. */
    @Nullable
    IOException failure() {
        return failure.get();
    }

    /** Bytes of the body that the port was sent. */
    long bytes() {
        return bytes.get();
    }

    /** More bytes were sent, after the request. */
    void count(int more) {
        bytes.addAndGet(more);
    }

    /** The answer is over: what is left of the request is of no use. Cuts the connection to the port, and waits until the thread has ended. */
    void stop() {
        port.abort();
        var running = thread;
        if (running != null) {
            running.interrupt();
            running.join();
        }
    }

    private void run(byte[] head) {
        try {
            port.write(head, 0, head.length);
            if (body instanceof Body.None) {
                return;
            }
            if (asks) {
                // either way it goes on: nobody has to answer an expectation
                var _ = invited.await(INVITATION_SECONDS, TimeUnit.SECONDS);
            }
            send();
        } catch (IOException e) {
            // the port's side is gone: whoever reads from it sees more of the why
            invite();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send() throws IOException {
        var source = exchange.body(Long.MAX_VALUE);
        var buffer = new byte[PIECE_BYTES];
        for (int count = next(source, buffer); count >= 0; count = next(source, buffer)) {
            if (body instanceof Body.Chunked) {
                port.writeChunk(buffer, count);
            } else {
                port.write(buffer, 0, count);
            }
            count(count);
            used.run();
        }
        if (failure.get() == null && body instanceof Body.Chunked) {
            port.writeLastChunk();
        }
    }

    /** @return −1 at the end, be it the proper one or not */
    private int next(InputStream source, byte[] buffer) {
        try {
            return source.read(buffer);
        } catch (IOException e) {
            failure.compareAndSet(null, e);
            port.abort();
            return -1;
        }
    }
}
