package io.agenttier.cli.transport;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a WebSocket (RFC 6455) with sub-protocol {@code v5.channel.k8s.io}. One thread reads, any may write. The server pings every
 * 15 s, so a connection on which nothing comes for much longer is lost. Reading never waits for a write: a process that takes no input may write.
 */
public final class WebSocket implements AutoCloseable {
    private static final String PROTOCOL = "v5.channel.k8s.io";
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int MAX_MESSAGE = 16 * 1024 * 1024;
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;

    private final Response response;
    private final DataInputStream in;
    private final OutputStream out;
    private final SecureRandom masks = new SecureRandom();
    private final ReentrantLock writing = new ReentrantLock();
    private final AtomicReference<byte @Nullable []> ping = new AtomicReference<>();
    private OptionalInt closeCode = OptionalInt.empty();
    private String closeReason = "";

    private WebSocket(Response response) throws IOException {
        this.response = response;
        this.in = new DataInputStream(response.body());
        this.out = response.socket().getOutputStream();
    }

    /**
     * @param path of the call with its query
     * @param silence after which the connection is lost
     * @throws ApiException if the server refuses; nothing has begun then
     */
    public static WebSocket open(ApiClient api, ApiPath path, Duration silence) throws IOException {
        var nonce = new byte[16];
        new SecureRandom().nextBytes(nonce);
        var key = Base64.getEncoder().encodeToString(nonce);
        var response = api.send(
                Request.of("GET", path.toString())
                        .header("Upgrade", "websocket")
                        .header("Sec-WebSocket-Version", "13")
                        .header("Sec-WebSocket-Key", key)
                        .header("Sec-WebSocket-Protocol", PROTOCOL)
                        .within(ANSWER, silence),
                Set.of(101));
        try {
            check(response, key);
            lingerBriefly(response.socket());
            return new WebSocket(response);
        } catch (IOException e) {
            response.close();
            throw e;
        }
    }

    public Optional<String> header(String name) {
        return response.header(name);
    }

    /** One binary message. Blocks while the server takes nothing. */
    public void send(byte[] message) throws IOException {
        frame(BINARY, message);
    }

    /**
     * The next message; null when the server has closed in order, see {@link #closeCode()}.
     *
     * @throws CutException if the connection is lost
     */
    public byte @Nullable [] receive() throws IOException {
        var message = new ByteArrayOutputStream();
        while (true) {
            int first;
            byte[] payload;
            try {
                first = in.readUnsignedByte();
                payload = payload();
            } catch (EOFException e) {
                throw new CutException("the connection ended without a close");
            }
            switch (first & 0x0F) {
                case CONTINUATION, BINARY, TEXT -> {
                    if (message.size() + payload.length > MAX_MESSAGE) {
                        throw new IOException("the server sent a message of more than %d bytes".formatted(MAX_MESSAGE));
                    }
                    message.writeBytes(payload);
                    if ((first & FINAL) != 0) {
                        return message.toByteArray();
                    }
                }
                case PING -> answer(payload);
                case PONG -> {
                    // we send no ping, but a server may send one unasked
                }
                case CLOSE -> {
                    closed(payload);
                    return null;
                }
                default ->
                    throw new IOException("the server sent a frame of the unknown kind %d".formatted(first & 0x0F));
            }
        }
    }

    /** Code of the server's close; empty before it, and if it gave none. */
    public OptionalInt closeCode() {
        return closeCode;
    }

    public String closeReason() {
        return closeReason;
    }

    @Override
    public void close() {
        response.close();
    }

    private byte[] payload() throws IOException {
        int second = in.readUnsignedByte();
        long length = second & 0x7F;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        if ((second & MASKED) != 0 || length < 0 || length > MAX_MESSAGE) {
            throw new IOException("the server sent a malformed or too large frame");
        }
        var payload = new byte[(int) length];
        in.readFully(payload);
        return payload;
    }

    private void closed(byte[] payload) {
        if (payload.length >= 2) {
            closeCode = OptionalInt.of((payload[0] & 0xFF) << 8 | (payload[1] & 0xFF));
            closeReason = new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }
        // the server need not wait for our answer, and a writer that it keeps waiting would keep us, too
        if (writing.tryLock()) {
            try {
                frame(CLOSE, payload);
            } catch (IOException e) {
                // it has gone already
            } finally {
                writing.unlock();
            }
        }
    }

    /** Answers from a thread of its own, since a write may wait for a server that takes nothing. Of many pings the last counts. */
    private void answer(byte[] payload) {
        if (ping.getAndSet(payload) == null) {
            Thread.ofPlatform().daemon().name("pong").start(() -> {
                try {
                    for (var next = ping.get(); next != null; next = ping.get()) {
                        frame(PONG, next);
                        ping.compareAndSet(next, null);
                    }
                } catch (IOException e) {
                    // the reader sees the same end
                }
            });
        }
    }

    private void frame(int kind, byte[] payload) throws IOException {
        var frame = ByteBuffer.allocate(payload.length + 14);
        frame.put((byte) (FINAL | kind));
        if (payload.length < 126) {
            frame.put((byte) (MASKED | payload.length));
        } else if (payload.length <= 0xFFFF) {
            frame.put((byte) (MASKED | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (MASKED | 127)).putLong(payload.length);
        }
        var mask = new byte[4];
        masks.nextBytes(mask);
        frame.put(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ mask[i & 3]));
        }
        writing.lock();
        try {
            out.write(frame.array(), 0, frame.position());
            out.flush();
        } catch (IOException e) {
            throw new CutException("the connection was lost: " + e.getMessage(), e);
        } finally {
            writing.unlock();
        }
    }

    private static void check(Response response, String key) throws IOException {
        if (response.status() != 101) {
            throw new IOException(
                    "the server answered a WebSocket with %d where 101 was expected".formatted(response.status()));
        }
        if (!response.header("Sec-WebSocket-Accept").orElse("").equals(accept(key))
                || !response.header("Sec-WebSocket-Protocol").orElse("").equals(PROTOCOL)) {
            throw new IOException("the server does not speak %s over WebSocket".formatted(PROTOCOL));
        }
    }

    private static String accept(String key) throws IOException {
        try {
            var hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (GeneralSecurityException e) {
            throw new IOException("SHA-1, which WebSocket needs, is missing: " + e.getMessage(), e);
        }
    }

    /** Without it, closing a TLS socket waits for a thread that writes to a server that takes nothing. */
    private static void lingerBriefly(Socket socket) throws IOException {
        socket.setSoLinger(true, 1);
    }
}
