package io.agenttier.apiserver.resource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Where the frames of one direction of a WebSocket begin and end (RFC 6455 §5.2), read off bytes that pass by in any pieces. */
final class SocketFrames {
    private static final int CLOSE = 0x88;
    private static final int LONGEST_HEAD = 14;

    private final byte[] head = new byte[LONGEST_HEAD];
    private int headBytes;
    private long payload;
    private boolean closed;

    /** A close frame of a server. */
    static byte[] close(int code, String reason) {
        var text = reason.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 + text.length)
                .put((byte) CLOSE)
                .put((byte) (2 + text.length))
                .putShort((short) code)
                .put(text)
                .array();
    }

    void pass(byte[] bytes, int length) {
        for (int at = 0; at < length; ) {
            if (payload > 0) {
                int skipped = (int) Math.min(payload, length - at);
                payload -= skipped;
                at += skipped;
                continue;
            }
            head[headBytes++] = bytes[at++];
            if (headBytes >= 2 && headBytes == headLength()) {
                closed |= (head[0] & 0x0f) == (CLOSE & 0x0f);
                payload = payloadLength();
                headBytes = 0;
            }
        }
    }

    /** Whether another frame may follow here. */
    boolean mayAdd() {
        return payload == 0 && headBytes == 0 && !closed;
    }

    private int headLength() {
        int mask = (head[1] & 0x80) == 0 ? 0 : 4;
        return 2
                + mask
                + switch (head[1] & 0x7f) {
                    case 126 -> 2;
                    case 127 -> 8;
                    default -> 0;
                };
    }

    /** A length beyond 63 bits counts as endless. */
    private long payloadLength() {
        int shortLength = head[1] & 0x7f;
        var more = ByteBuffer.wrap(head, 2, LONGEST_HEAD - 2);
        return switch (shortLength) {
            case 126 -> more.getShort() & 0xffff;
            case 127 -> {
                long length = more.getLong();
                yield length < 0 ? Long.MAX_VALUE : length;
            }
            default -> shortLength;
        };
    }
}
