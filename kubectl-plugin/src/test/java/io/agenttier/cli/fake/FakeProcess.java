package io.agenttier.cli.fake;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;

/** Output of a process as events, from any offset, in pieces that differ each time, as those of another replica would. */
public final class FakeProcess {
    public static final String ID = "exec-0a1b2c3d0123456789abcdef";

    /** @param latin1 a character a byte */
    private record Piece(String stream, String latin1, int start) {
        byte[] bytes() {
            return latin1.getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    private final List<Piece> pieces = new ArrayList<>();
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final String exit;
    private int end;

    /** @param exit data of the exit event */
    public FakeProcess(String exit) {
        this.exit = exit;
    }

    /** With random bytes on both streams. */
    public static FakeProcess random(RandomGenerator random, String exit) {
        var process = new FakeProcess(exit);
        int count = random.nextInt(1, 12);
        for (int i = 0; i < count; i++) {
            var bytes = new byte[random.nextInt(1, 200)];
            random.nextBytes(bytes);
            process.writes(random.nextBoolean() ? "stdout" : "stderr", bytes);
        }
        return process;
    }

    public FakeProcess writes(String stream, byte[] bytes) {
        pieces.add(new Piece(stream, new String(bytes, StandardCharsets.ISO_8859_1), end));
        end += bytes.length;
        (stream.equals("stdout") ? stdout : stderr).writeBytes(bytes);
        return this;
    }

    public FakeProcess writes(String stream, String text) {
        return writes(stream, text.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] stdout() {
        return stdout.toByteArray();
    }

    public byte[] stderr() {
        return stderr.toByteArray();
    }

    /** The event stream from that offset of both streams together, to the end. */
    public byte[] events(int from, RandomGenerator random) {
        var text = new StringBuilder("event: start\ndata: {\"process\":\"%s\",\"startedAt\":1}\n\n".formatted(ID));
        for (var piece : pieces) {
            int at = Math.max(0, from - piece.start());
            while (at < piece.bytes().length) {
                int length = random.nextInt(1, piece.bytes().length - at + 1);
                var data = Base64.getEncoder()
                        .encodeToString(java.util.Arrays.copyOfRange(piece.bytes(), at, at + length));
                at += length;
                int offset = piece.start() + at;
                text.append("id: %d\nevent: log\ndata: {\"stream\":\"%s\",\"dataBase64\":\"%s\",\"offset\":%d}\n\n"
                        .formatted(offset, piece.stream(), data, offset));
                if (random.nextInt(4) == 0) {
                    text.append(": keepalive\n\n");
                }
            }
        }
        text.append("event: exit\ndata: %s\n\n".formatted(exit));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
