package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketFramesTest {
    private static byte[] frame(int... head) {
        var bytes = new byte[head.length];
        for (int i = 0; i < head.length; i++) bytes[i] = (byte) head[i];
        return bytes;
    }

    private static byte[] with(byte[] head, int payload) {
        return Arrays.copyOf(head, head.length + payload);
    }

    private static void endsExactly(byte[] bytes, int pieceLength) {
        var frames = new SocketFrames();
        for (int at = 0; at < bytes.length; at += pieceLength) {
            if (at > 0) assertThat(frames.mayAdd()).as("after %d bytes", at).isFalse();
            var piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + pieceLength));
            frames.pass(piece, piece.length);
        }
        assertThat(frames.mayAdd()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 1000})
    void knowsEveryLengthEncodingInAnyPieces(int pieceLength) {
        endsExactly(with(frame(0x82, 5), 5), pieceLength);
        endsExactly(with(frame(0x81, 126, 1, 0), 256), pieceLength);
        endsExactly(with(frame(0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0), 65536), pieceLength);
        endsExactly(with(frame(0x82, 0x85, 1, 2, 3, 4), 5), pieceLength);
        endsExactly(frame(0x89, 0), 2);
    }

    @Test
    void addsNothingAfterAClose() {
        var frames = new SocketFrames();
        var close = SocketFrames.close(1001, "bye");
        assertThat(close).isEqualTo(frame(0x88, 5, 0x03, 0xe9, 'b', 'y', 'e'));
        frames.pass(close, close.length);
        assertThat(frames.mayAdd()).isFalse();
    }

    @Test
    void takesAnImpossibleLengthForEndless() {
        var frames = new SocketFrames();
        frames.pass(frame(0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 10);
        frames.pass(new byte[100], 100);
        assertThat(frames.mayAdd()).isFalse();
    }
}
