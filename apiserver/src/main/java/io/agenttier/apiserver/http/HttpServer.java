package io.agenttier.apiserver.http;

import io.agenttier.apiserver.route.RequestHandler;
import io.agenttier.apiserver.stream.GoingAway;
import io.agenttier.apiserver.telemetry.Metrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** The HTTPS listener and its connections. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
public final class HttpServer {
    /** How long clients may take to hear that they are to come back: behind a slow network, and a hundred at once. */
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ConnectionSetup setup;
    private final Channel listener;

    private HttpServer(ServerBootstrap bootstrap, ConnectionSetup setup, int port) {
        this.setup = setup;
        this.listener = bootstrap
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(32 * 1024, 64 * 1024))
                .childHandler(setup.into(connections))
                .bind(port)
                .syncUninterruptibly()
                .channel();
    }

    /**
     * Starts to accept connections.
     *
     * @param tls must have a pair by now
     * @param port 0 for any free one
     */
    public static HttpServer start(
            int port, ServingTls tls, HttpLimits limits, RequestHandler handler, Metrics metrics, InstantSource clock) {
        tls.context();
        return new HttpServer(new ServerBootstrap(), new ConnectionSetup(tls, limits, handler, metrics, clock), port);
    }

    /** The port it listens on. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /**
     * Serves on, but asks clients to use no connection twice: one that they keep open would break under a request of theirs when the server
     * stops, and not every request can be repeated.
     */
    public void retire() {
        setup.retire();
    }

    /**
     * Stops in this order: accept no more, let running requests end, tell those that are left to come back, streams and WebSockets alike,
     * close what is left.
     *
     * @param drain longest wait for running requests
     */
    public void stop(Duration drain) {
        if (loops.isShuttingDown()) {
            return;
        }
        listener.close().syncUninterruptibly();
        connections.forEach(channel -> channel.pipeline().fireUserEventTriggered(RequestGate.Stop.AFTER_THIS_REQUEST));
        connections.newCloseFuture().awaitUninterruptibly(drain.toMillis(), TimeUnit.MILLISECONDS);
        if (!connections.isEmpty()) {
            connections.forEach(channel -> channel.pipeline().fireUserEventTriggered(GoingAway.NOW));
            connections.newCloseFuture().awaitUninterruptibly(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
        }
        connections.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    }
}
