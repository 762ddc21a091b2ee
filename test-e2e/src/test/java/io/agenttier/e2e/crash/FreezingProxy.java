package io.agenttier.e2e.crash;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes connections on, and can freeze those that are open: nothing more comes through, nobody is told, new ones work. */
final class FreezingProxy implements AutoCloseable {
    private final ServerSocket server;
    private final InetSocketAddress target;
    private final List<Link> links = new CopyOnWriteArrayList<>();

    private static final class Link {
        private final Socket near;
        private final Socket far;
        private volatile boolean frozen;

        private Link(Socket near, Socket far) {
            this.near = near;
            this.far = far;
        }
    }

    FreezingProxy(InetSocketAddress target) throws IOException {
        this.server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        this.target = target;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** How many connections were frozen by this. */
    long freeze() {
        var open = links.stream().filter(link -> !link.near.isClosed()).toList();
        open.forEach(link -> link.frozen = true);
        return open.size();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (var link : links) end(link);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var near = server.accept();
                var far = new Socket();
                far.connect(target);
                var link = new Link(near, far);
                links.add(link);
                Thread.ofVirtual().start(() -> pass(link, near, far));
                Thread.ofVirtual().start(() -> pass(link, far, near));
            } catch (IOException e) {
                // closed, or a client that is gone again
            }
        }
    }

    private static void pass(Link link, Socket from, Socket to) {
        try {
            copy(link, from.getInputStream(), to.getOutputStream());
        } catch (IOException e) {
            // either side is gone
        }
        if (!link.frozen) end(link);
    }

    /** A frozen link still takes what is sent, so that no sender is held up. */
    private static void copy(Link link, InputStream in, OutputStream out) throws IOException {
        var buffer = new byte[16 << 10];
        for (var read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            if (!link.frozen) out.write(buffer, 0, read);
        }
    }

    private static void end(Link link) {
        try {
            link.near.close();
            link.far.close();
        } catch (IOException e) {
            // closed already
        }
    }
}
