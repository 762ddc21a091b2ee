package io.agenttier.apiserver.http;

import io.agenttier.apiserver.route.RequestHandler;
import io.agenttier.apiserver.stream.OutboundBudget;
import io.agenttier.apiserver.telemetry.Metrics;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Builds the pipeline of each connection: TLS, head guard, HTTP, flow control, request gate. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
final class ConnectionSetup {
    private final ServingTls tls;
    private final HttpLimits limits;
    private final RequestHandler handler;
    private final Metrics metrics;
    private final InstantSource clock;
    private final AtomicLong headerBudget;
    private final OutboundBudget outbound;
    private final AtomicInteger open = new AtomicInteger();
    private volatile boolean retiring;

    ConnectionSetup(ServingTls tls, HttpLimits limits, RequestHandler handler, Metrics metrics, InstantSource clock) {
        this.tls = tls;
        this.limits = limits;
        this.handler = handler;
        this.metrics = metrics;
        this.clock = clock;
        this.outbound = new OutboundBudget(limits.outboundBytes());
        this.headerBudget = new AtomicLong(limits.headerBudgetBytes());
    }

    /** From now on every connection ends with the request that begins on it next. */
    void retire() {
        retiring = true;
    }

    /** @param connections gets every connection that is let in */
    ChannelHandler into(ChannelGroup connections) {
        return new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                admit(channel, connections);
            }
        };
    }

    private void admit(SocketChannel channel, ChannelGroup connections) {
        if (open.incrementAndGet() > limits.connections()) {
            open.decrementAndGet();
            metrics.connectionCut(Metrics.Cut.CONNECTIONS);
            channel.close();
            return;
        }
        metrics.connectionOpened();
        channel.closeFuture().addListener(_ -> {
            open.decrementAndGet();
            metrics.connectionClosed();
        });
        connections.add(channel);
        var ssl = tls.context().newHandler(channel.alloc());
        ssl.setHandshakeTimeoutMillis(limits.handshake().toMillis());
        var headGuard = new HeadGuard(limits, headerBudget, metrics::connectionCut);
        channel.pipeline()
                .addLast(
                        ssl,
                        headGuard,
                        new StrictRequestDecoder(limits),
                        new HttpResponseEncoder(),
                        new FlowControlHandler(),
                        new RequestGate(
                                handler,
                                limits,
                                clock,
                                headGuard,
                                outbound,
                                metrics,
                                () -> certificates(ssl),
                                () -> retiring));
    }

    /** What the peer presented, leaf first; empty if nothing. */
    private static List<X509Certificate> certificates(SslHandler ssl) {
        try {
            var chain = new ArrayList<X509Certificate>();
            for (var certificate : ssl.engine().getSession().getPeerCertificates()) {
                if (certificate instanceof X509Certificate x509) {
                    chain.add(x509);
                }
            }
            return chain;
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }
}
