package io.agenttier.cli.fake;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The server's end of a WebSocket, which a test may break at any byte. */
public final class FakeSocket {
    public static final int STDIN = 0;
    public static final int STDOUT = 1;
    public static final int STDERR = 2;
    public static final int STATUS = 3;
    public static final int HALF_CLOSE = 255;
    private static final int BINARY = 0x82;
    private static final int CLOSE = 0x88;
    private static final int PING = 0x89;

    private final DataInputStream in;
    private final DataOutputStream out;

    FakeSocket(InputStream in, OutputStream out) {
        this.in = new DataInputStream(in);
        this.out = new DataOutputStream(out);
    }

    public void send(int channel, byte[] bytes) throws IOException {
        frame(BINARY, message(channel, bytes), bytes.length + 1);
    }

    public void send(int channel, String text) throws IOException {
        send(channel, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Announces a message and sends only so many bytes of it. */
    public void sendCut(int channel, byte[] bytes, int sent) throws IOException {
        frame(BINARY, message(channel, bytes), sent);
    }

    public void ping() throws IOException {
        frame(PING, new byte[] {1}, 1);
    }

    /** The Status that ends a session, then the close frame. */
    public void end(String status, int code, String reason) throws IOException {
        send(STATUS, status);
        close(code, reason);
    }

    public void close(int code, String reason) throws IOException {
        var words = reason.getBytes(StandardCharsets.UTF_8);
        var payload = new byte[words.length + 2];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(words, 0, payload, 2, words.length);
        frame(CLOSE, payload, payload.length);
    }

    /** The client's next message: channel, then payload. Answers to pings are passed over. Throws when the client goes. */
    public byte[] receive() throws IOException {
        while (true) {
            int kind = in.readUnsignedByte();
            int length = in.readUnsignedByte() & 0x7F;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = Math.toIntExact(in.readLong());
            }
            var mask = in.readNBytes(4);
            var payload = in.readNBytes(length);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i & 3];
            }
            if (kind == CLOSE) {
                throw new IOException("the client closed");
            }
            if (kind == BINARY) {
                return payload;
            }
        }
    }

    private static byte[] message(int channel, byte[] bytes) {
        var message = new byte[bytes.length + 1];
        message[0] = (byte) channel;
        System.arraycopy(bytes, 0, message, 1, bytes.length);
        return message;
    }

    private void frame(int kind, byte[] payload, int sent) throws IOException {
        out.writeByte(kind);
        if (payload.length < 126) {
            out.writeByte(payload.length);
        } else if (payload.length <= 0xFFFF) {
            out.writeByte(126);
            out.writeShort(payload.length);
        } else {
            out.writeByte(127);
            out.writeLong(payload.length);
        }
        out.write(payload, 0, sent);
        out.flush();
    }
}
