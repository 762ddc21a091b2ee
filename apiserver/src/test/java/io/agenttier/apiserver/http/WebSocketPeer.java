package io.agenttier.apiserver.http;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A WebSocket client that sends exactly the frames it is told, right or wrong. */
public final class WebSocketPeer implements AutoCloseable {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;
    static final int FINAL = 0x80;

    private static final byte[] MASK = {1, 2, 3, 4};

    private final RawClient client;

    /** One frame of the server's, which masks none. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Frame(int opcode, byte[] payload) {
        public int closeCode() {
            return ByteBuffer.wrap(payload).getShort() & 0xffff;
        }

        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    public WebSocketPeer(RawClient client) {
        this.client = client;
    }

    /** @param headers besides those of the handshake */
    public RawClient.Answer handshake(String target, String... headers) throws IOException {
        var more = new StringBuilder();
        for (var header : headers) {
            more.append(header).append('\n');
        }
        client.send("GET " + target + " HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: websocket\n"
                + "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n"
                + "Sec-WebSocket-Protocol: v5.channel.k8s.io\n" + more + "\n");
        return client.readHead();
    }

    /** @param first opcode and flags */
    WebSocketPeer send(int first, byte[] payload) throws IOException {
        client.sendBytes(frame(first, payload, 0x80, payload.length));
        return this;
    }

    WebSocketPeer send(int first, String payload) throws IOException {
        return send(first, payload.getBytes(StandardCharsets.UTF_8));
    }

    WebSocketPeer sendBytes(byte[] bytes) throws IOException {
        client.sendBytes(bytes);
        return this;
    }

    /** @param mask 0x80 or 0 */
    static byte[] frame(int first, byte[] payload, int mask, long length) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.writeByte(first);
        if (length < 126) {
            out.writeByte(mask | (int) length);
        } else if (length < 65536) {
            out.writeByte(mask | 126);
            out.writeShort((int) length);
        } else {
            out.writeByte(mask | 127);
            out.writeLong(length);
        }
        var masked = Arrays.copyOf(payload, payload.length);
        if (mask != 0) {
            out.write(MASK);
            for (int i = 0; i < masked.length; i++) {
                masked[i] ^= MASK[i % 4];
            }
        }
        out.write(masked);
        return bytes.toByteArray();
    }

    /** The next frame, pings of the server's included. */
    public Frame read() throws IOException {
        int opcode = client.exactly(1)[0] & 0x0f;
        int length = client.exactly(1)[0] & 0xff;
        if (length == 126) {
            length = ByteBuffer.wrap(client.exactly(2)).getShort() & 0xffff;
        } else if (length == 127) {
            length = (int) ByteBuffer.wrap(client.exactly(8)).getLong();
        }
        return new Frame(opcode, client.exactly(length));
    }

    boolean isClosed() throws IOException {
        return client.isClosed();
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
