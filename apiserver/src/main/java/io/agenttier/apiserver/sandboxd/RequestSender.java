package io.agenttier.apiserver.sandboxd;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Sends one request and reads the head of its answer. A small request leaves in one write. On a connection that turns out to have been
 * closed meanwhile a request is repeated once, on a new one, if the pod cannot have acted on it: it is safe, or was not sent whole.
 */
final class RequestSender {
    private static final Duration ANSWER = Duration.ofSeconds(30);
    /** sandboxd syncs a file to disk before it answers. */
    private static final Duration STORED = Duration.ofSeconds(60);

    private static final Duration BLOCK = Duration.ofSeconds(30);
    private static final int BLOCK_BYTES = 64 * 1024;

    private final SignerSource signers;
    private final Tokens tokens;
    private final PodTls tls = new PodTls();
    private final ConnectionPool pool;

    RequestSender(SignerSource signers, Tokens tokens, ConnectionPool pool) {
        this.signers = signers;
        this.tokens = tokens;
        this.pool = pool;
    }

    /** @param body sent with {@code Content-Length}; may be empty */
    Response send(Endpoint endpoint, Caller caller, Request request, byte[] body) throws IOException {
        var signer = signer();
        var factory = tls.factory(signer.authorities());
        var sized = body.length == 0 && request.isSafe()
                ? request
                : request.with("Content-Length", Integer.toString(body.length));
        var head = sized.head(endpoint, tokens.token(signer, endpoint.incarnation(), caller, request.operation()));
        var message = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, message, head.length, body.length);

        var connection = pool.acquire(endpoint, factory);
        for (boolean first = true; ; first = false) {
            boolean written = false;
            try {
                connection.within(ANSWER);
                connection.write(message, 0, message.length);
                written = true;
                return answer(connection, true);
            } catch (MisbehavedException e) {
                pool.discard(connection);
                throw e;
            } catch (IOException e) {
                boolean repeat = first && connection.isReused() && (!written || request.isSafe());
                pool.discard(connection);
                if (!repeat) {
                    throw new UnreachableException("the connection broke before an answer came", !written, e);
                }
                connection = pool.open(endpoint, factory);
            }
        }
    }

    /**
     * Sends a request with a streamed body, once the daemon has said that it wants it.
     *
     * @param length of the body, empty if not known
     * @throws IOException also what reading {@code body} throws
     */
    Response upload(Endpoint endpoint, Caller caller, Request request, InputStream body, OptionalLong length)
            throws IOException {
        var signer = signer();
        var factory = tls.factory(signer.authorities());
        var framed = length.isPresent()
                ? request.with("Content-Length", Long.toString(length.getAsLong()))
                : request.with("Transfer-Encoding", "chunked");
        var head = framed.with("Expect", "100-continue")
                .head(endpoint, tokens.token(signer, endpoint.incarnation(), caller, request.operation()));

        var connection = pool.acquire(endpoint, factory);
        var interim = invite(connection, head);
        if (interim.isEmpty()) {
            connection = pool.open(endpoint, factory);
            interim = invite(connection, head);
        }
        try {
            var invited = interim.orElseThrow(() ->
                    new UnreachableException("the connection broke before an answer came", true, new EOFException()));
            if (invited.status() != 100) {
                connection.withoutDeadline();
                return new Response(pool, connection, invited, false);
            }
            return send(connection, body, length);
        } catch (IOException | RuntimeException e) {
            pool.discard(connection);
            throw e;
        }
    }

    /** Sends the head alone. Empty if the connection broke: then nothing of the body has left. */
    private java.util.Optional<ResponseHead> invite(Connection connection, byte[] head) throws IOException {
        try {
            connection.within(ANSWER);
            connection.write(head, 0, head.length);
            return java.util.Optional.of(ResponseHead.readAny(connection.input()));
        } catch (MisbehavedException e) {
            pool.discard(connection);
            throw e;
        } catch (IOException e) {
            pool.discard(connection);
            return java.util.Optional.empty();
        }
    }

    private Response send(Connection connection, InputStream body, OptionalLong length) throws IOException {
        boolean complete = false;
        try {
            copy(connection, body, length);
            complete = true;
        } catch (WriteFailedException e) {
            // A daemon that refuses midway answers and closes; what it said is worth more than our failed write.
            connection.silenceLimit(Duration.ofSeconds(2));
        }
        connection.within(STORED);
        if (complete) {
            connection.silenceLimit(STORED);
        }
        try {
            return answer(connection, complete);
        } catch (MisbehavedException e) {
            throw e;
        } catch (IOException e) {
            throw new UnreachableException("the connection broke before the file was stored", false, e);
        }
    }

    private static void copy(Connection connection, InputStream body, OptionalLong length) throws IOException {
        connection.withoutDeadline();
        var block = new byte[BLOCK_BYTES];
        long sent = 0;
        for (int count = body.read(block); count >= 0; count = body.read(block)) {
            if (count == 0) {
                continue;
            }
            if (length.isEmpty()) {
                write(connection, (Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII), 0);
            }
            write(connection, block, count);
            if (length.isEmpty()) {
                write(connection, new byte[] {'\r', '\n'}, 2);
            }
            sent += count;
        }
        if (length.isEmpty()) {
            write(connection, "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII), 0);
        } else if (sent != length.getAsLong()) {
            throw new EOFException("the request body ended after %d of %d bytes".formatted(sent, length.getAsLong()));
        }
    }

    /** @param count bytes to write, 0 for all */
    private static void write(Connection connection, byte[] bytes, int count) throws WriteFailedException {
        try {
            connection.within(BLOCK);
            connection.write(bytes, 0, count == 0 ? bytes.length : count);
            connection.withoutDeadline();
        } catch (IOException e) {
            throw new WriteFailedException(e);
        }
    }

    private Response answer(Connection connection, boolean reusable) throws IOException {
        var head = ResponseHead.read(connection.input());
        connection.withoutDeadline();
        return new Response(pool, connection, head, reusable);
    }

    private Signer signer() throws UnreachableException {
        return signers.current()
                .orElseThrow(() -> new UnreachableException(
                        "this apiserver has no signing certificate yet", true, new IllegalStateException("no signer")));
    }

    /** Writing to the pod failed, as opposed to reading from the client. */
    private static final class WriteFailedException extends IOException {
        private static final long serialVersionUID = 1L;

        WriteFailedException(IOException cause) {
            super(cause);
        }
    }
}
