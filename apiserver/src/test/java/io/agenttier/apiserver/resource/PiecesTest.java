package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.Stream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PiecesTest {
    private static final String TEXT = "aä€😀\u0000\n\u07ff\uffff";

    @Test
    void neverSplitsACharacterOfOneStreamWhereverItIsCut() {
        var bytes = TEXT.repeat(3).getBytes(StandardCharsets.UTF_8);
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second++) {
                var pieces = new ArrayList<Pieces.Piece>();
                var cutter = new Pieces();
                long offset = 100;
                for (var part : List.of(
                        Arrays.copyOfRange(bytes, 0, first),
                        Arrays.copyOfRange(bytes, first, second),
                        Arrays.copyOfRange(bytes, second, bytes.length))) {
                    if (part.length > 0) {
                        pieces.addAll(cutter.add(new Frame.Output(Stream.STDOUT, offset, part)));
                        offset += part.length;
                    }
                }
                assertThat(cutter.flush()).isEmpty();
                assertThat(pieces)
                        .allSatisfy(
                                piece -> assertThat(Utf8.decode(piece.bytes())).isPresent());
                assertThat(joined(pieces)).isEqualTo(bytes);
                assertThat(pieces.getLast().end()).isEqualTo(100 + bytes.length);
            }
        }
    }

    @Test
    void losesDoublesAndMovesNothingWhateverComes() {
        for (int seed = 0; seed < 500; seed++) {
            var random = new Random(seed);
            var cutter = new Pieces();
            var pieces = new ArrayList<Pieces.Piece>();
            var sent = new ByteArrayOutputStream();
            for (int i = 0; i < 30; i++) {
                var stream = random.nextInt(3) == 0 ? Stream.STDERR : Stream.STDOUT;
                var bytes = some(random);
                pieces.addAll(cutter.add(new Frame.Output(stream, sent.size(), bytes)));
                sent.writeBytes(bytes);
            }
            cutter.flush().ifPresent(pieces::add);
            long end = 0;
            for (var piece : pieces) {
                assertThat(piece.bytes()).isNotEmpty();
                end += piece.bytes().length;
                assertThat(piece.end()).as("seed %d", seed).isEqualTo(end);
            }
            assertThat(joined(pieces)).as("seed %d", seed).isEqualTo(sent.toByteArray());
        }
    }

    @Test
    void holdsBackNoBytesThatCannotBecomeACharacter() {
        assertThat(Utf8.openBytes(new byte[] {(byte) 0xff})).isZero();
        assertThat(Utf8.openBytes(new byte[] {(byte) 0xc0})).isZero();
        assertThat(Utf8.openBytes(new byte[] {(byte) 0x80, (byte) 0x80})).isZero();
        assertThat(Utf8.openBytes(new byte[] {'a', (byte) 0xf0, (byte) 0x9f, (byte) 0x98}))
                .isEqualTo(3);
        assertThat(Utf8.openBytes("€".getBytes(StandardCharsets.UTF_8))).isZero();
    }

    private static byte[] some(Random random) {
        if (random.nextInt(4) == 0) {
            var noise = new byte[1 + random.nextInt(5)];
            random.nextBytes(noise);
            return noise;
        }
        var text = TEXT.getBytes(StandardCharsets.UTF_8);
        int from = random.nextInt(text.length);
        return Arrays.copyOfRange(text, from, from + 1 + random.nextInt(text.length - from));
    }

    private static byte[] joined(List<Pieces.Piece> pieces) {
        var all = new ByteArrayOutputStream();
        pieces.forEach(piece -> all.writeBytes(piece.bytes()));
        return all.toByteArray();
    }
}
