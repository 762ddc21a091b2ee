package io.agenttier.e2e.drain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Clients that all run at once, and a table of what became of them. */
final class Load implements AutoCloseable {
    private final ExecutorService lanes = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, List<Future<Integer>>> clients = new LinkedHashMap<>();

    /**
     * Begins.
     *
     * @param client returns how often its connection was cut, −1 if it does not tell, or throws what is wrong
     */
    void add(String kind, Callable<Integer> client) {
        clients.computeIfAbsent(kind, _ -> new ArrayList<>()).add(lanes.submit(client));
    }

    /** Fails if a client has ended, with its reason if it has one. */
    void expectToRun() {
        clients.forEach((kind, running) -> {
            for (var client : running) {
                if (!client.isDone()) continue;
                var why = client.state() == Future.State.FAILED ? client.exceptionNow() : null;
                throw new AssertionError(kind + " ended early", why);
            }
        });
    }

    /** Waits for all; rows of a table in Markdown: kind, clients, cuts. */
    String rows() throws ExecutionException, InterruptedException {
        var rows = new StringBuilder();
        for (var kind : clients.entrySet()) {
            var cuts = 0;
            var tells = false;
            for (var client : kind.getValue()) {
                tells |= client.get() >= 0;
                cuts += Math.max(0, client.get());
            }
            rows.append("| %s | %d | %s |%n"
                    .formatted(kind.getKey(), kind.getValue().size(), tells ? Integer.toString(cuts) : "not told"));
        }
        return rows.toString();
    }

    /** Leaves whoever still runs. */
    @Override
    public void close() {
        lanes.shutdownNow();
    }
}
