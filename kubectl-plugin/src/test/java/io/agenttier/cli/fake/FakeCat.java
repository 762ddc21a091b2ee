package io.agenttier.cli.fake;

import static io.agenttier.cli.fake.FakeSocket.HALF_CLOSE;
import static io.agenttier.cli.fake.FakeSocket.STDIN;
import static io.agenttier.cli.fake.FakeSocket.STDOUT;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * A process that gives back its standard input and ends with code 3, behind a server whose connections are cut: at any byte of either direction,
 * with bytes on the way that never arrive.
 */
public final class FakeCat implements FakeApiServer.Handler {
    public static final String EXIT_3 = """
            {"status":"Failure","reason":"NonZeroExitCode","message":"no","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}""";
    private static final int LONGEST = 60_000;

    private final RandomGenerator random;
    private byte[] accepted = new byte[LONGEST];
    private final AtomicInteger size = new AtomicInteger();
    private boolean inputEnded;
    private int cutsLeft;
    private int connections;

    /** @param cuts how many connections are cut before one is let be */
    public FakeCat(RandomGenerator random, int cuts) {
        this.random = random;
        this.cutsLeft = cuts;
    }

    /** What the process has got. */
    public synchronized byte[] input() {
        return Arrays.copyOf(accepted, size.get());
    }

    public synchronized int connections() {
        return connections;
    }

    @Override
    public void answer(Call call, Reply reply) throws Exception {
        if (call.method().equals("POST")) {
            reply.json(202, "{\"process\":\"%s\"}".formatted(FakeProcess.ID));
        } else if (call.path().endsWith("/processes")) {
            reply.json(
                    200,
                    "{\"items\":[{\"id\":\"%s\",\"bytesStdin\":%d,\"stdinOpen\":true,\"offset\":0}]}"
                            .formatted(FakeProcess.ID, size.get()));
        } else {
            attached(call, reply);
        }
    }

    private synchronized void attached(Call call, Reply reply) throws Exception {
        connections++;
        var socket = reply.joined(call, 0, size.get());
        int position = Integer.parseInt(call.query("offset"));
        boolean isCut = cutsLeft > 0;
        int lives = isCut ? random.nextInt(LONGEST) : Integer.MAX_VALUE;
        while (true) {
            int fresh = size.get() - position;
            if (fresh > 0) {
                var piece = Arrays.copyOfRange(
                        accepted, position, position + random.nextInt(1, Math.min(fresh, 50_000) + 1));
                if (piece.length > lives) {
                    cut(socket, piece, lives);
                    return;
                }
                socket.send(STDOUT, piece);
                position += piece.length;
                lives -= piece.length;
            } else if (inputEnded) {
                socket.end(EXIT_3, 1000, "");
                return;
            } else {
                lives -= take(socket.receive(), lives);
                if (lives <= 0) {
                    cut(socket, new byte[0], 0);
                    return;
                }
            }
        }
    }

    /** Takes a part of the last message before a cut: the rest is lost on the way. */
    private int take(byte[] message, int atMost) {
        switch (message[0] & 0xFF) {
            case STDIN -> accept(message, Math.min(message.length - 1, atMost));
            case HALF_CLOSE -> {
                inputEnded = atMost == Integer.MAX_VALUE;
                // nothing more will come: a connection that is to be cut is cut now
                return inputEnded ? 0 : atMost;
            }
            default -> throw new IllegalArgumentException("channel " + message[0]);
        }
        return message.length;
    }

    private void accept(byte[] message, int count) {
        int end = size.get();
        if (end + count > accepted.length) {
            accepted = Arrays.copyOf(accepted, 2 * (end + count));
        }
        System.arraycopy(message, 1, accepted, end, count);
        size.addAndGet(count);
    }

    private void cut(FakeSocket socket, byte[] piece, int sent) throws IOException {
        cutsLeft--;
        switch (random.nextInt(4)) {
            case 0 -> socket.sendCut(STDOUT, piece, Math.min(sent, piece.length));
            case 1 -> socket.close(1001, "this server stops: come back");
            case 2 ->
                socket.end(
                        "{\"status\":\"Failure\",\"reason\":\"ServiceUnavailable\",\"message\":\"broke\"}",
                        4009,
                        "error");
            default -> {
                // just gone
            }
        }
    }
}
