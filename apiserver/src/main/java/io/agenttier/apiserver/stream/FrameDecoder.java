package io.agenttier.apiserver.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;

/**
 * Frames of a client (RFC 6455 §5). Payload is passed on as it comes, a long frame as fragments of one message: Netty's own decoder holds a
 * frame until it is whole, and some clients send all they have in one. Text and binary messages come out alike. Event loop only.
 */
final class FrameDecoder extends ByteToMessageDecoder {
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private static final int FINAL = 0x80;
    private static final int RESERVED = 0x70;
    private static final int MASKED = 0x80;
    private static final int SHORT_LENGTH = 126;
    private static final int LONG_LENGTH = 127;
    private static final int LONGEST_CONTROL = 125;
    private static final int MASK_BYTES = 4;

    // per connection
    private boolean broken;
    /** A message has begun and its last frame has not come. */
    private boolean inMessage;

    // per frame
    private boolean inFrame;
    private int opcode;
    private boolean isFinal;
    private long left;
    private int mask;
    private int maskOffset;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (!inFrame && !readHead(in)) {
            return;
        }
        if (opcode >= CLOSE) {
            if (in.readableBytes() >= left) {
                out.add(control(take(ctx, in)));
                inFrame = false;
            }
        } else if (left == 0 || in.isReadable()) {
            out.add(data(take(ctx, in)));
        }
    }

    /** Reads the head of a frame if all of it is there. */
    private boolean readHead(ByteBuf in) {
        if (in.readableBytes() < 2) {
            return false;
        }
        int first = in.getUnsignedByte(in.readerIndex());
        int second = in.getUnsignedByte(in.readerIndex() + 1);
        check((first & RESERVED) == 0, "no extension was agreed on, but a frame has reserved bits");
        check((second & MASKED) != 0, "a frame of a client is not masked");
        int code = second & ~MASKED;
        int lengthBytes = code == SHORT_LENGTH ? Short.BYTES : code == LONG_LENGTH ? Long.BYTES : 0;
        checkKind(first & 0xf, (first & FINAL) != 0, code);
        if (in.readableBytes() < 2 + lengthBytes + MASK_BYTES) {
            return false;
        }
        in.skipBytes(2);
        left = switch (lengthBytes) {
            case Short.BYTES -> in.readUnsignedShort();
            case Long.BYTES -> in.readLong();
            default -> code;
        };
        check(
                lengthBytes == 0 || left > (lengthBytes == Short.BYTES ? LONGEST_CONTROL : 0xffff),
                "the length of a frame is negative or not in its shortest form");
        mask = in.readInt();
        maskOffset = 0;
        opcode = first & 0xf;
        isFinal = (first & FINAL) != 0;
        inFrame = true;
        return true;
    }

    private void checkKind(int kind, boolean last, int lengthCode) {
        switch (kind) {
            case CLOSE, PING, PONG ->
                check(last && lengthCode <= LONGEST_CONTROL, "a control frame is fragmented or longer than 125 bytes");
            case CONTINUATION -> check(inMessage, "a continuation frame continues nothing");
            case TEXT, BINARY -> check(!inMessage, "a message begins before the one before has ended");
            default -> check(false, "a frame has the unknown opcode " + kind);
        }
    }

    /** What is there of the payload, unmasked. */
    private ByteBuf take(ChannelHandlerContext ctx, ByteBuf in) {
        int length = (int) Math.min(left, in.readableBytes());
        var payload = ctx.alloc().buffer(length).writeBytes(in, length);
        int key = Integer.rotateLeft(mask, Byte.SIZE * maskOffset);
        int i = 0;
        for (; i + Integer.BYTES <= length; i += Integer.BYTES) {
            payload.setInt(i, payload.getInt(i) ^ key);
        }
        for (int shift = Integer.SIZE - Byte.SIZE; i < length; i++, shift -= Byte.SIZE) {
            payload.setByte(i, payload.getByte(i) ^ (key >>> shift));
        }
        maskOffset = (maskOffset + length) % MASK_BYTES;
        left -= length;
        return payload;
    }

    private WebSocketFrame data(ByteBuf payload) {
        boolean begins = opcode != CONTINUATION;
        boolean ends = isFinal && left == 0;
        inMessage = !ends;
        inFrame = left > 0;
        // the rest of this frame continues what begins here
        opcode = CONTINUATION;
        return begins ? new BinaryWebSocketFrame(ends, 0, payload) : new ContinuationWebSocketFrame(ends, 0, payload);
    }

    private WebSocketFrame control(ByteBuf payload) {
        return switch (opcode) {
            case PING -> new PingWebSocketFrame(payload);
            case PONG -> new PongWebSocketFrame(payload);
            default -> {
                boolean valid = !payload.isReadable()
                        || (payload.readableBytes() >= Short.BYTES
                                && WebSocketCloseStatus.isValidStatusCode(payload.getUnsignedShort(0)));
                if (!valid) {
                    payload.release();
                }
                check(valid, "a close frame has no valid code");
                yield new CloseWebSocketFrame(true, 0, payload);
            }
        };
    }

    private void check(boolean condition, String otherwise) {
        if (!condition) {
            broken = true;
            throw new CorruptedWebSocketFrameException(WebSocketCloseStatus.PROTOCOL_ERROR, otherwise);
        }
    }
}
