package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One TLS connection to one pod. Used by one thread at a time; only {@link #abort} and {@link #isOverdue} are for others. A read gives up
 * when nothing came for 30 s (sandboxd sends a keepalive every 10 s); a pod that sends a byte now and then, or takes none, is cut by the
 * pool when the deadline of the present phase has passed.
 */
final class Connection {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int SILENCE_MILLIS = 30_000;
    private static final Duration HANDSHAKE = Duration.ofSeconds(5);
    private static final long NEVER = Long.MAX_VALUE;

    private final Endpoint endpoint;
    private final LongSupplier clock;
    private final Socket plain = new Socket();
    private @Nullable SSLSocket tls;
    private @Nullable WireInput in;
    private @Nullable OutputStream out;
    private boolean reused;
    private volatile long deadline = NEVER;
    private volatile long idleSince = NEVER;

    /** @param clock nanoseconds since some moment before */
    Connection(Endpoint endpoint, LongSupplier clock) {
        this.endpoint = endpoint;
        this.clock = clock;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** Connects and verifies that the peer is the daemon of exactly this incarnation. */
    void open(SSLSocketFactory factory) throws IOException {
        plain.setTcpNoDelay(true);
        plain.connect(new InetSocketAddress(InetAddress.ofLiteral(endpoint.podIp()), endpoint.port()), CONNECT_MILLIS);
        plain.setSoTimeout(SILENCE_MILLIS);
        within(HANDSHAKE);
        var socket = (SSLSocket) factory.createSocket(plain, endpoint.serverName(), endpoint.port(), true);
        var parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        parameters.setNamedGroups(new String[] {"x25519", "secp256r1"});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        tls = socket;
        in = new WireInput(socket.getInputStream());
        out = socket.getOutputStream();
    }

    WireInput input() {
        if (in == null) {
            throw new IllegalStateException("not open");
        }
        return in;
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
        if (out == null) {
            throw new IllegalStateException("not open");
        }
        out.write(bytes, offset, length);
    }

    /** The present phase ends within this time, or the connection is cut. */
    void within(Duration limit) {
        deadline = clock.getAsLong() + limit.toNanos();
    }

    /** From here on only silence ends the connection. */
    void withoutDeadline() {
        deadline = NEVER;
    }

    void silenceLimit(Duration limit) throws IOException {
        plain.setSoTimeout((int) limit.toMillis());
    }

    boolean isOverdue() {
        return clock.getAsLong() > deadline;
    }

    boolean isIdleFor(Duration limit) {
        long since = idleSince;
        return since != NEVER && clock.getAsLong() - since > limit.toNanos();
    }

    /** Whether this connection has served a request before, so that its peer may have closed it meanwhile. */
    boolean isReused() {
        return reused;
    }

    void rest() throws IOException {
        withoutDeadline();
        silenceLimit(Duration.ofMillis(SILENCE_MILLIS));
        idleSince = clock.getAsLong();
    }

    /** Takes it out of rest. Bytes that came meanwhile are an alert or what nobody asked for: then it is of no more use. */
    boolean wake() {
        idleSince = NEVER;
        reused = true;
        try {
            return input().isEmpty() && plain.getInputStream().available() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Cuts at once, without TLS farewell, which could block behind a writer. Any thread. */
    void abort() {
        try {
            plain.close();
        } catch (IOException e) {
            // The descriptor is released whatever close says.
            withoutDeadline();
        }
    }

    /** Closes properly, for a connection that nobody uses. */
    void close() {
        try {
            plain.setSoTimeout(1);
            if (tls != null) {
                tls.close();
            }
        } catch (IOException e) {
            withoutDeadline();
        } finally {
            abort();
        }
    }
}
