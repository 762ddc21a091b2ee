package io.agenttier.e2e.integrity;

import io.agenttier.e2e.client.KubeApi;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** WebSocket {@code exec} or {@code attach}, gone on with by {@code attach} at both offsets after each cut. */
public final class SocketClient {
    private static final String V5 = "v5.channel.k8s.io";
    private static final int PIECE = 32 << 10;
    private static final long UNSENT = 1 << 20;
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final KubeApi api;
    private final UnaryOperator<String> paths;
    private final String process;
    private final String start;
    private final Input input;
    private final Received stdout;
    private final Received stderr;
    private final int killAt;
    private final Patience patience;
    private boolean known;
    private long position;
    private volatile Outcome.@Nullable End end;

    /** The beginning of these bytes is what we send; nothing with a negative length. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Input(byte[] bytes, int length) {
        static final Input NONE = new Input(new byte[0], -1);

        static Input of(Ground ground, Work work) {
            return work.echoes() ? new Input(ground.blobs().out(), work.out()) : NONE;
        }

        boolean isSent() {
            return length >= 0;
        }
    }

    private SocketClient(
            KubeApi api,
            UnaryOperator<String> paths,
            String process,
            String start,
            Input input,
            Received stdout,
            Received stderr,
            int killAt) {
        this.api = api;
        this.paths = paths;
        this.process = process;
        this.start = start;
        this.known = start.isEmpty();
        this.input = input;
        this.stdout = stdout;
        this.stderr = stderr;
        this.killAt = killAt;
        this.patience = new Patience("process " + process + " by WebSocket");
    }

    /** Runs it under this name. */
    static Outcome run(Ground ground, KubeApi api, Work work, String name) {
        return of(ground, api, work, name, exec(work, name), work.killAt()).run();
    }

    /** Takes a process of somebody else over: output from the first byte, input where he stopped. */
    static Outcome pickUp(Ground ground, KubeApi api, Work work, String id) {
        return of(ground, api, work, id, "", -1).run();
    }

    private static SocketClient of(Ground ground, KubeApi api, Work work, String process, String start, int killAt) {
        return new SocketClient(
                api,
                ground::path,
                process,
                start,
                Input.of(ground, work),
                ground.stdout(work),
                ground.stderr(work),
                killAt);
    }

    /**
     * Watches a process that runs, from its first byte to its end.
     *
     * @param paths of the sandbox's subresources, each perhaps with a query
     * @param stdout gets what comes on channel 1, which is all output of a terminal
     */
    public static Outcome watch(
            KubeApi api, UnaryOperator<String> paths, String process, Received stdout, Received stderr) {
        return new SocketClient(api, paths, process, "", Input.NONE, stdout, stderr, -1).run();
    }

    private Outcome run() {
        while (true) {
            var connection = new Connection();
            var socket = api.socket(paths.apply(known ? attach() : start), V5, connection);
            connection.outlive(socket);
            var told = end;
            if (told != null) return new Outcome(process, stdout, stderr, patience.cuts(), told);
            patience.cut(position);
        }
    }

    private static String exec(Work work, String process) {
        var path = new StringBuilder("exec?stdout=true&stderr=true&process=" + process);
        for (var argument : work.argv()) {
            path.append("&command=").append(URLEncoder.encode(argument, StandardCharsets.UTF_8));
        }
        if (work.keeps()) path.append("&onDisconnect=keep");
        if (work.echoes()) path.append("&stdin=true");
        return path.toString();
    }

    private String attach() {
        return "attach?process=" + process + "&offset=" + position
                + (input.isSent() ? "&stdin=true&takeover=true" : "");
    }

    private void refused(Response answer) throws IOException {
        if (!known && answer.code() == 409) {
            // a connection of ours that was cut has the writer's place
            known = true;
        } else if (!Processes.isPassing(answer.code())) {
            throw new AssertionError("process " + process + " by WebSocket at " + position + ": " + answer.code() + " "
                    + answer.body().string());
        }
    }

    /** One connection. okhttp calls it from one thread, and reads on only when it has returned. */
    private final class Connection extends WebSocketListener {
        private final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
        private volatile long lastNews = System.nanoTime();

        @Override
        public void onOpen(WebSocket socket, Response answer) {
            known = true;
            var first = Long.parseLong(answer.header("AgentTier-First-Offset", "-1"));
            if (first < 0 || first > position) {
                fail(
                        socket,
                        new AssertionError("process " + process + " by WebSocket: bytes from " + position
                                + " were dropped up to " + first));
                return;
            }
            if (input.isSent()) {
                var at = Long.parseLong(answer.header("AgentTier-Stdin-Offset", "-1"));
                Thread.ofVirtual().start(() -> send(socket, at));
            }
        }

        @Override
        public void onMessage(WebSocket socket, ByteString message) {
            if (over.isDone()) return;
            lastNews = System.nanoTime();
            var bytes = message.toByteArray();
            if (bytes.length < 2) return;
            switch (bytes[0]) {
                case 1 -> take(stdout, bytes);
                case 2 -> take(stderr, bytes);
                case 3 -> end = Outcome.End.of(bytes);
                default -> {}
            }
            if (end == null && killAt >= 0 && stdout.count() >= killAt) {
                end = new Outcome.End.Left(true, "killed");
                socket.cancel();
                over.complete(null);
            }
        }

        private void take(Received stream, byte[] bytes) {
            stream.add(bytes, 1, bytes.length - 1);
            position += bytes.length - 1;
            patience.progress();
        }

        @Override
        public void onClosing(WebSocket socket, int code, String reason) {
            socket.close(1000, null);
            if (code != 1000 && code != 1001) {
                fail(
                        socket,
                        new AssertionError("process " + process + " by WebSocket: closed with " + code + " " + reason));
            }
            over.complete(null);
        }

        @Override
        public void onFailure(WebSocket socket, Throwable failure, @Nullable Response answer) {
            try {
                if (answer != null && answer.code() != 101) refused(answer);
                over.complete(null);
            } catch (IOException e) {
                over.complete(null);
            } catch (AssertionError e) {
                over.completeExceptionally(e);
            }
        }

        private void fail(WebSocket socket, AssertionError why) {
            over.completeExceptionally(why);
            socket.cancel();
        }

        private void send(WebSocket socket, long from) {
            for (var at = (int) from; at < input.length(); at += PIECE) {
                while (socket.queueSize() > UNSENT && !over.isDone()) LockSupport.parkNanos(1_000_000);
                var size = Math.min(PIECE, input.length() - at);
                var message = new byte[size + 1];
                System.arraycopy(input.bytes(), at, message, 1, size);
                if (!socket.send(ByteString.of(message))) return;
            }
            socket.send(ByteString.of((byte) 255, (byte) 0));
        }

        void outlive(WebSocket socket) {
            while (true) {
                try {
                    over.get(1, TimeUnit.SECONDS);
                    return;
                } catch (TimeoutException e) {
                    if (System.nanoTime() - lastNews < SILENCE.toNanos()) continue;
                    socket.cancel();
                    over.complete(null);
                    return;
                } catch (ExecutionException e) {
                    throw (AssertionError) e.getCause();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException(e);
                }
            }
        }
    }
}
