package io.agenttier.e2e;

import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Opens one WebSocket after the other: for each kube-apiserver dials the server anew, so each is a handshake with the present certificate. */
final class Dials implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final KubeApi api;
    private final String path;
    private final AtomicInteger done = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;
    private final Thread thread;

    Dials(TestNamespace namespace, String sandbox) {
        this.api = namespace.api();
        this.path = namespace.path(sandbox, "exec?command=true&stdout=true");
        this.thread = Thread.ofVirtual().start(this::run);
    }

    /** How many were opened. */
    int done() {
        return done.get();
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Waits until so many were opened. */
    void await(int count) {
        Awaitility.await("connections are opened")
                .atMost(Duration.ofMinutes(2))
                .until(() -> done.get() >= count || !failures.isEmpty());
    }

    private void run() {
        while (!closed) {
            try {
                dial().get(LONGEST.toSeconds(), TimeUnit.SECONDS);
                done.incrementAndGet();
            } catch (ExecutionException | TimeoutException e) {
                failures.add(String.valueOf(e.getCause() == null ? e : e.getCause()));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Ends when the command's connection was closed by the server after it had been opened. */
    private CompletableFuture<Void> dial() {
        var end = new CompletableFuture<Void>();
        api.socket(path, "v5.channel.k8s.io", new WebSocketListener() {
            @Override
            public void onClosing(WebSocket socket, int code, String reason) {
                socket.close(1000, null);
                end.complete(null);
            }

            @Override
            public void onFailure(WebSocket socket, Throwable cause, @Nullable Response response) {
                end.completeExceptionally(new IllegalStateException(
                        "%s, answer %s".formatted(cause, response == null ? "none" : response.code())));
            }
        });
        return end;
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
