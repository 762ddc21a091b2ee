package io.agenttier.e2e.integrity;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A TCP proxy before kube-apiserver that breaks connections by a reset after a random number of bytes, of both directions together. */
final class BreakingProxy implements AutoCloseable {
    private static final int BLOCK = 64 << 10;

    private final ServerSocket listener;
    private final String host;
    private final int port;
    private final Random random;
    /** Bytes that each open connection still carries. */
    private final Set<AtomicLong> connections = ConcurrentHashMap.newKeySet();

    private final AtomicInteger broken = new AtomicInteger();
    private volatile int life;

    private BreakingProxy(String host, int port, Random random) throws IOException {
        this.listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        this.host = host;
        this.port = port;
        this.random = random;
    }

    /** A proxy, and {@code kubeconfig} (of one cluster) copied to {@code copy} so that it leads through the proxy. */
    static BreakingProxy before(Path kubeconfig, Path copy, Random random) throws IOException {
        var yaml = new YAMLMapper();
        var document = yaml.readTree(kubeconfig.toFile());
        var cluster = (ObjectNode) document.at("/clusters/0/cluster");
        var server = URI.create(cluster.get("server").asText());
        var proxy = new BreakingProxy(server.getHost(), server.getPort() < 0 ? 443 : server.getPort(), random);
        cluster.put("server", "https://127.0.0.1:" + proxy.listener.getLocalPort());
        if (!cluster.has("tls-server-name")) cluster.put("tls-server-name", server.getHost());
        Files.write(copy, yaml.writeValueAsBytes(document));
        Thread.ofPlatform().daemon().name("proxy").start(proxy::accept);
        return proxy;
    }

    /** Connections, those that clients keep open too, carry at most so many bytes from now on; 0 for no limit. */
    void life(int most) {
        life = most;
        connections.forEach(left -> left.set(draw(most)));
    }

    private long draw(int most) {
        return most == 0 ? Long.MAX_VALUE : 1 + random.nextInt(most);
    }

    int broken() {
        return broken.get();
    }

    private void accept() {
        try {
            while (true) {
                var near = listener.accept();
                var left = new AtomicLong(draw(life));
                connections.add(left);
                Thread.ofPlatform().daemon().name("proxy-connection").start(() -> serve(near, left));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket near, AtomicLong left) {
        try (near;
                var far = new Socket(host, port)) {
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            var up = Thread.ofPlatform().daemon().name("proxy-up").start(() -> forward(near, far, left));
            forward(far, near, left);
            if (left.get() <= 0) {
                broken.incrementAndGet();
                near.setSoLinger(true, 0);
            }
            up.join();
        } catch (IOException e) {
            // the server refused, or one side is gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            connections.remove(left);
        }
    }

    private static void forward(Socket from, Socket to, AtomicLong left) {
        var block = new byte[BLOCK];
        try {
            var in = from.getInputStream();
            var out = to.getOutputStream();
            for (var size = in.read(block); size > 0; size = in.read(block)) {
                var rest = left.addAndGet(-size);
                out.write(block, 0, rest >= 0 ? size : (int) Math.max(0, size + rest));
                if (rest <= 0) break;
            }
        } catch (IOException e) {
            // the other direction ends, too
        }
        quietly(from::shutdownInput);
        quietly(to::shutdownInput);
        quietly(to::shutdownOutput);
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void quietly(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            // closed already
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
