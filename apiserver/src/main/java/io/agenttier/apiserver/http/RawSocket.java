package io.agenttier.apiserver.http;

import io.agenttier.apiserver.route.ByteSocket;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.stream.ClientPresence;
import io.agenttier.apiserver.stream.GoingAway;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last handler of a connection that carries bytes, and their two ends. Reads no faster than {@link #read} is called. Handler methods
 * belong to the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
final class RawSocket extends ChannelInboundHandlerAdapter implements ByteSocket {
    private static final Logger LOG = LoggerFactory.getLogger(RawSocket.class);
    /** A client may be silent: sandboxd ends a connection that carries nothing either way. */
    private static final Duration SILENCE = Duration.ofDays(365);

    private final BodyQueue queue = new BodyQueue();
    private final ClientPresence client;
    private final Duration stall;
    private final ChannelHandlerContext context;
    private volatile boolean paused;
    private volatile Runnable whenGoingAway;

    private RawSocket(ChannelPipeline pipeline, ClientPresence client, Duration stall) {
        this.client = client;
        this.stall = stall;
        pipeline.addLast(this);
        this.context = pipeline.context(this);
        this.whenGoingAway = context::close;
    }

    /**
     * Adds the handler at the end of a pipeline. Event loop only; {@link #begin} when those of HTTP are gone.
     *
     * @param stall longest time for which the client may take nothing
     */
    static RawSocket into(ChannelPipeline pipeline, ClientPresence client, Duration stall) {
        return new RawSocket(pipeline, client, stall);
    }

    /** Event loop only. */
    void begin() {
        context.read();
    }

    @Override
    public int read(byte[] into) throws IOException {
        int count = queue.read(into, 0, into.length, SILENCE);
        if (paused && queue.hasRoom()) {
            context.executor().execute(this::resume);
        }
        return count;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            int piece = Math.min(client.awaitRoom(stall), length - done);
            context.writeAndFlush(Unpooled.copiedBuffer(bytes, offset + done, piece), client.sending(piece));
            done += piece;
        }
    }

    @Override
    public void onGoingAway(Runnable action) {
        whenGoingAway = action;
    }

    @Override
    public void close() {
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        queue.fail(new ClientGoneException());
    }

    /** Nobody reads or writes any more. */
    void finish() {
        close();
        queue.discard();
    }

    private void resume() {
        if (paused && queue.hasRoom()) {
            paused = false;
            context.read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            queue.offer(bytes, false);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (queue.hasRoom()) {
            ctx.read();
        } else {
            paused = true;
            // it may have been emptied just before, by a thread that saw no pause yet
            resume();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        client.writabilityChanged();
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        queue.fail(new ClientGoneException());
        client.left();
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == GoingAway.NOW) {
            whenGoingAway.run();
        }
        ctx.fireUserEventTriggered(event);
    }

    /** A broken connection: the other end's doing. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("a connection broke");
        ctx.close();
    }
}
