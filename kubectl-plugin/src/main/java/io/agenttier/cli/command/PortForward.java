package io.agenttier.cli.command;

import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.WebSocket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Listens here and leads each connection to a port of a sandbox, over a WebSocket of its own, until it is stopped. */
final class PortForward implements AutoCloseable {
    private static final int BACKLOG = 50;
    /** No later connection would fare better. */
    private static final Set<Integer> FINAL = Set.of(400, 401, 403, 404);

    private final Session session;
    private final String namespace;
    private final String sandbox;
    private final List<ServerSocket> listeners = new ArrayList<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    PortForward(Session session, String sandbox) throws IOException {
        this.session = session;
        this.namespace = session.namespace();
        this.sandbox = sandbox;
    }

    /**
     * Begins to listen on the first address that can be listened on, and on the others at the same port.
     *
     * @return the port here
     * @throws FailedException none of them can be listened on
     */
    int listen(List<InetAddress> addresses, PortPair pair) throws IOException {
        int local = pair.local();
        IOException failure = null;
        int listening = 0;
        for (var address : addresses) {
            try {
                var listener = new ServerSocket(local, BACKLOG, address);
                listeners.add(listener);
                listening++;
                local = listener.getLocalPort();
                session.output().line("Forwarding from %s -> %d".formatted(shown(address, local), pair.remote()));
                Thread.ofPlatform().daemon().name("accept").start(() -> accept(listener, pair.remote()));
            } catch (IOException e) {
                failure = e;
            }
        }
        if (listening == 0) {
            throw new FailedException("cannot listen on %s: %s"
                    .formatted(
                            shown(addresses.getFirst(), local),
                            failure == null ? "no address is given" : failure.getMessage()));
        }
        return local;
    }

    private static String shown(InetAddress address, int port) {
        var text = address instanceof Inet6Address && address.isLoopbackAddress() ? "::1" : address.getHostAddress();
        return (text.contains(":") ? "[" + text + "]" : text) + ":" + port;
    }

    /** Returns when it is stopped, fails when the server says what holds for every connection. */
    void await() throws IOException {
        try {
            ended.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        }
    }

    @Override
    public void close() {
        for (var listener : List.copyOf(listeners)) {
            try {
                listener.close();
            } catch (IOException e) {
                // it listens no more, whatever close says
            }
        }
        ended.complete(null);
    }

    private void accept(ServerSocket listener, int remote) {
        try {
            while (true) {
                var local = listener.accept();
                Thread.ofPlatform().daemon().name("forward").start(() -> forward(local, remote));
            }
        } catch (IOException e) {
            if (!listener.isClosed()) {
                ended.completeExceptionally(e);
            }
        }
    }

    private void forward(Socket local, int remote) {
        try (var connection = new ForwardedConnection(local)) {
            try {
                local.setTcpNoDelay(true);
                var path =
                        ApiPath.subresource(namespace, sandbox, "portforward").query("port", Integer.toString(remote));
                connection.carry(WebSocket.open(
                        session.api(), path, session.surroundings().silence()));
            } catch (ApiException e) {
                connection.fail();
                if (FINAL.contains(e.failure().code())) {
                    ended.completeExceptionally(e);
                } else {
                    problem(remote, e);
                }
            } catch (IOException e) {
                connection.fail();
                problem(remote, e);
            }
        }
    }

    private void problem(int remote, IOException e) {
        session.output().problem("connection to port %d of %s: %s".formatted(remote, sandbox, e.getMessage()));
    }
}
