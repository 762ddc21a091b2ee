package io.agenttier.apiserver.http;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.route.Answers;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Incoming;
import io.agenttier.apiserver.route.RequestHandler;
import io.agenttier.apiserver.stream.GoingAway;
import io.agenttier.apiserver.stream.OutboundBudget;
import io.agenttier.apiserver.telemetry.Metrics;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the requests of one connection strictly one after the other, each on a virtual thread. While one is served at most the head of the
 * next is held; asking for that head is also how a client's leaving is noticed. Event loop only, except {@link #resumeReading}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
final class RequestGate extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(RequestGate.class);
    /** How long an unread rest of a body may take after the answer. */
    private static final Duration DRAIN_TIME = Duration.ofSeconds(5);
    /** The same after a head that was refused: nobody knows where its body would end. */
    private static final Duration REFUSAL_TIME = Duration.ofMillis(300);

    /** Sent through the pipeline when the server stops. */
    enum Stop {
        AFTER_THIS_REQUEST
    }

    // per connection
    private final RequestHandler handler;
    private final HttpLimits limits;
    private final InstantSource clock;
    private final HeadGuard headGuard;
    private final OutboundBudget budget;
    private final Metrics metrics;
    private final Supplier<List<X509Certificate>> certificates;
    private final BooleanSupplier retiring;
    private @Nullable ChannelHandlerContext context;
    private boolean stopping;
    private boolean isHeldBack;

    // per request
    private @Nullable HttpExchange current;
    private @Nullable HttpRequest next;
    private boolean isServed;
    private long drained;
    private boolean readAsked;

    /** @param retiring whether a connection is not to be used again after a request that begins now */
    RequestGate(
            RequestHandler handler,
            HttpLimits limits,
            InstantSource clock,
            HeadGuard headGuard,
            OutboundBudget budget,
            Metrics metrics,
            Supplier<List<X509Certificate>> certificates,
            BooleanSupplier retiring) {
        this.handler = handler;
        this.limits = limits;
        this.clock = clock;
        this.headGuard = headGuard;
        this.budget = budget;
        this.metrics = metrics;
        this.certificates = certificates;
        this.retiring = retiring;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        read(ctx);
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        readAsked = false;
        switch (message) {
            case HttpRequest request when current != null || isHeldBack -> next = request;
            case HttpRequest request -> begin(ctx, request);
            case HttpContent content -> take(ctx, content);
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) {
        headGuard.headComplete();
        var exchange = new HttpExchange(ctx.channel(), this, request, limits, budget, metrics);
        current = exchange;
        isServed = false;
        drained = 0;
        var complaint = RequestHead.complaint(request);
        if (complaint.isPresent()) {
            exchange.closeAfterwards();
            exchange.body.discard();
            exchange.answer(Answers.error(complaint.get()));
            if (ctx.channel().isActive()) {
                metrics.headRefused(RequestHead.label(complaint.get()));
            }
            isServed = true;
            drain(ctx, exchange, REFUSAL_TIME);
            return;
        }
        if (stopping || retiring.getAsBoolean()) {
            exchange.closeAfterwards();
        }
        var incoming = new Incoming(
                request.method().name(),
                request.uri(),
                RequestHead.byName(request.headers()),
                certificates.get(),
                source(ctx),
                clock.instant());
        Thread.ofVirtual().name("request").start(() -> serve(incoming, exchange));
        if (!HttpUtil.is100ContinueExpected(request)) {
            read(ctx);
        }
    }

    /** On the request's virtual thread. */
    private void serve(Incoming incoming, HttpExchange exchange) {
        try {
            handler.handle(incoming, exchange);
        } catch (RuntimeException | Error e) {
            LOG.atError().setCause(e).log("a request ended with a bug");
        } finally {
            if (!exchange.hasBegun()) {
                exchange.answer(Answers.error(
                        new ApiError.Internal("an error on the server has prevented the request from succeeding")));
            }
            context().executor().execute(() -> served(exchange));
        }
    }

    /** The handler has returned. Goes on with the connection, or closes it, in this order: cut, drain, next. */
    private void served(HttpExchange exchange) {
        var ctx = context();
        exchange.closeSocket();
        if (exchange != current || !ctx.channel().isActive()) {
            exchange.body.discard();
            return;
        }
        isServed = true;
        exchange.body.discard();
        if (!exchange.hasEnded()) {
            ctx.close();
        } else if (exchange.body.isComplete()) {
            requestOver(ctx, exchange);
        } else {
            drain(ctx, exchange, DRAIN_TIME);
        }
    }

    /** Reads on for a while: closing with unread bytes would send a reset that can overtake the answer. */
    private void drain(ChannelHandlerContext ctx, HttpExchange exchange, Duration time) {
        ctx.executor().schedule(() -> closeIfStill(exchange), time.toMillis(), TimeUnit.MILLISECONDS);
        read(ctx);
    }

    private void closeIfStill(HttpExchange exchange) {
        if (exchange == current) {
            context().close();
        }
    }

    private void take(ChannelHandlerContext ctx, HttpContent content) {
        var exchange = current;
        if (exchange == null) {
            content.release();
            return;
        }
        if (content.decoderResult().isFailure()) {
            content.release();
            exchange.body.fail(new IOException("the request body is no valid HTTP/1.1"));
            exchange.closeAfterwards();
            if (isServed) {
                ctx.close();
            }
            return;
        }
        boolean last = content instanceof LastHttpContent;
        drained += content.content().readableBytes();
        exchange.body.offer(content.content(), last);
        if (last) {
            headGuard.bodyComplete();
        }
        if (isServed && last) {
            requestOver(ctx, exchange);
        } else if (isServed && drained > HttpExchange.DRAIN_BYTES) {
            ctx.close();
        } else if (last || exchange.body.hasRoom()) {
            read(ctx);
        }
    }

    /** Lets go of a connection that becomes something else. False if the client is gone, or has sent more than this one request. */
    boolean release(HttpExchange exchange) {
        if (exchange != current || next != null || !exchange.body.isComplete()) {
            return false;
        }
        current = null;
        headGuard.upgraded();
        return context().channel().isActive();
    }

    private void requestOver(ChannelHandlerContext ctx, HttpExchange exchange) {
        current = null;
        if (exchange.isLastOnConnection()) {
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            // whoever takes no answer is not waited for
            ctx.executor().schedule(() -> ctx.close(), limits.stall().toNanos(), TimeUnit.NANOSECONDS);
            return;
        }
        headGuard.requestOver();
        goOn(ctx);
    }

    /** Not before the client has taken most of its answers: one that sends request after request and reads nothing is not served on. */
    private void goOn(ChannelHandlerContext ctx) {
        isHeldBack = !ctx.channel().isWritable();
        if (isHeldBack) {
            return;
        }
        var waiting = next;
        next = null;
        if (waiting != null) {
            begin(ctx, waiting);
        } else if (stopping) {
            ctx.close();
        } else {
            read(ctx);
        }
    }

    /** Any thread: there is room for more of the body. */
    void resumeReading() {
        var ctx = context();
        ctx.executor().execute(() -> {
            var exchange = current;
            if (exchange != null && !exchange.body.isComplete() && exchange.body.hasRoom()) {
                read(ctx);
            }
        });
    }

    /** Asks for one message, once: a message that was asked for twice would come although there is no room. */
    private void read(ChannelHandlerContext ctx) {
        if (!readAsked) {
            readAsked = true;
            ctx.read();
        }
    }

    /** A read that brought no message, such as a piece of a handshake or of a head, has to be asked for again. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (readAsked) {
            ctx.read();
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (current != null) {
            current.client.writabilityChanged();
        } else if (isHeldBack) {
            goOn(ctx);
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (current != null) {
            current.body.fail(new ClientGoneException());
            current.client.left();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == GoingAway.NOW && current != null) {
            current.lastWord.speak();
        }
        if (event == Stop.AFTER_THIS_REQUEST) {
            stopping = true;
            if (current == null) {
                ctx.close();
            } else {
                current.closeAfterwards();
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    /** A broken handshake or a reset: the other end's doing, not worth more than a debug line. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("a connection broke");
        ctx.close();
    }

    private ChannelHandlerContext context() {
        var ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("not added to a pipeline");
        }
        return ctx;
    }

    private static String source(ChannelHandlerContext ctx) {
        return ctx.channel().remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "";
    }
}
