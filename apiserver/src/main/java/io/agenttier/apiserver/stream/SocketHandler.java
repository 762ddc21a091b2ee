package io.agenttier.apiserver.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frames of one connection: data goes to the queue, control frames are answered here. Event loop only. Reads no faster than the queue is
 * emptied; of many pings the last one is answered, and none while the client takes nothing.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
final class SocketHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(SocketHandler.class);
    /** Load balancers cut connections that are silent for longer. */
    private static final Duration PING = Duration.ofSeconds(15);

    private static final Duration PONG_WAIT = Duration.ofSeconds(70);
    /** As long as for a pong: a person who pauses a terminal stops the whole client, and then no ping gets through either. */
    private static final Duration TAKE_WAIT = PONG_WAIT;

    /** How long a client may take to answer our close frame. */
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private static final int NORMAL = 1000;
    private static final int GOING_AWAY = 1001;
    private static final int NO_CODE = 1005;

    private final PieceQueue queue;
    private final ClientPresence client;
    private @Nullable ScheduledFuture<?> ticking;
    private @Nullable ByteBuf unanswered;
    private long heardAt;
    private long takenAt;
    private long pending;
    private volatile boolean paused;
    private volatile Runnable whenGoingAway = () -> {};
    private boolean closing;

    SocketHandler(PieceQueue queue, ClientPresence client) {
        this.queue = queue;
        this.client = client;
    }

    /** Begins to read and to ping. */
    void begin(ChannelHandlerContext ctx) {
        heardAt = now(ctx);
        takenAt = heardAt;
        ticking = ctx.executor()
                .scheduleAtFixedRate(() -> tick(ctx), PING.toNanos(), PING.toNanos(), TimeUnit.NANOSECONDS);
        ctx.read();
    }

    /** Whether it waits for {@link #resume}. Any thread. */
    boolean isPaused() {
        return paused;
    }

    /** Any thread. */
    void onGoingAway(Runnable action) {
        whenGoingAway = action;
    }

    /** The queue has room again. */
    void resume(ChannelHandlerContext ctx) {
        if (paused && queue.hasRoom()) {
            paused = false;
            heardAt = now(ctx);
            ctx.read();
        }
    }

    /** Sends a close frame, then waits a little for the client's, reading and dropping what comes: a reset would overtake our bytes. */
    void close(ChannelHandlerContext ctx, int code, String reason) {
        if (closing || !ctx.channel().isActive()) {
            return;
        }
        closing = true;
        queue.end();
        ctx.writeAndFlush(new CloseWebSocketFrame(code, reason));
        ctx.executor().schedule(() -> ctx.close(), FAREWELL.toNanos(), TimeUnit.NANOSECONDS);
        ctx.read();
    }

    private void tick(ChannelHandlerContext ctx) {
        if (closing) {
            return;
        }
        look(ctx);
        // while we do not read we cannot hear: then only a client that takes nothing is let go
        boolean isSilent = !paused && now(ctx) - heardAt > PONG_WAIT.toNanos();
        if (now(ctx) - takenAt > TAKE_WAIT.toNanos()) {
            client.stall();
        } else if (isSilent) {
            ctx.close();
        } else if (ctx.channel().isWritable()) {
            ctx.writeAndFlush(new PingWebSocketFrame());
        }
    }

    /** Whether the client has taken anything since the last look. */
    private void look(ChannelHandlerContext ctx) {
        long now = ctx.channel().bytesBeforeWritable();
        if (now < pending || ctx.channel().isWritable()) {
            takenAt = now(ctx);
        }
        pending = now;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case PingWebSocketFrame ping -> {
                ReferenceCountUtil.release(unanswered);
                unanswered = ping.content();
            }
            case CloseWebSocketFrame close -> answerClose(ctx, close);
            case WebSocketFrame frame when closing || frame instanceof PongWebSocketFrame -> frame.release();
            case WebSocketFrame frame ->
                queue.offer(frame.content(), !(frame instanceof ContinuationWebSocketFrame), frame.isFinalFragment());
            default -> ReferenceCountUtil.release(message);
        }
    }

    /** The client has nothing more to say, and does not wait for more: what it sent before is dropped as well. */
    private void answerClose(ChannelHandlerContext ctx, CloseWebSocketFrame close) {
        int code = close.statusCode();
        close.release();
        if (closing) {
            ctx.close();
            return;
        }
        closing = true;
        client.left();
        queue.end();
        ctx.writeAndFlush(code < 0 || code == NO_CODE ? new CloseWebSocketFrame() : new CloseWebSocketFrame(NORMAL, ""))
                .addListener(_ -> ctx.close());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        heardAt = now(ctx);
        pong(ctx);
        if (closing || queue.hasRoom()) {
            ctx.read();
        } else {
            paused = true;
            // it may have been emptied just before, by a thread that saw no pause yet
            resume(ctx);
        }
    }

    private void pong(ChannelHandlerContext ctx) {
        var payload = unanswered;
        if (payload != null && ctx.channel().isWritable()) {
            unanswered = null;
            ctx.writeAndFlush(new PongWebSocketFrame(payload));
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        takenAt = now(ctx);
        client.writabilityChanged();
        pong(ctx);
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (ticking != null) {
            ticking.cancel(false);
        }
        closing = true;
        ReferenceCountUtil.release(unanswered);
        unanswered = null;
        client.left();
        queue.end();
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == GoingAway.NOW && !closing) {
            whenGoingAway.run();
            client.left();
            close(ctx, GOING_AWAY, "this server stops: come back");
        }
        ctx.fireUserEventTriggered(event);
    }

    /** A broken frame, after which nothing can be understood, or a broken connection: the other end's doing. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("a WebSocket broke");
        if (cause instanceof CorruptedWebSocketFrameException broken && !closing) {
            closing = true;
            client.left();
            queue.end();
            ctx.writeAndFlush(new CloseWebSocketFrame(broken.closeStatus(), broken.getMessage()))
                    .addListener(_ -> ctx.close());
        } else {
            ctx.close();
        }
    }

    private static long now(ChannelHandlerContext ctx) {
        return ctx.executor().ticker().nanoTime();
    }
}
