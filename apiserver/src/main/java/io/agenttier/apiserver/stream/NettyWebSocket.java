package io.agenttier.apiserver.stream;

import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.WebSocket;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/** The server's end of one WebSocket. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
public final class NettyWebSocket implements WebSocket {
    private static final byte[] NO_CHANNEL = {};

    private final Channel channel;
    private final ChannelHandlerContext context;
    private final SocketHandler handler;
    private final PieceQueue queue;
    private final ClientPresence client;
    private final ReentrantLock sending = new ReentrantLock();
    private volatile boolean over;

    private NettyWebSocket(
            ChannelHandlerContext context, SocketHandler handler, PieceQueue queue, ClientPresence client) {
        this.channel = context.channel();
        this.context = context;
        this.handler = handler;
        this.queue = queue;
        this.client = client;
    }

    /**
     * Adds the handlers of a WebSocket at the end of a pipeline. Event loop only; {@link #begin} when those of HTTP are gone.
     *
     * @param client told when the client leaves
     */
    public static NettyWebSocket into(ChannelPipeline pipeline, ClientPresence client) {
        var queue = new PieceQueue();
        var handler = new SocketHandler(queue, client);
        pipeline.addLast(new WebSocket13FrameEncoder(false), new FrameDecoder(), handler);
        return new NettyWebSocket(pipeline.context(handler), handler, queue, client);
    }

    /** Event loop only. */
    public void begin() {
        handler.begin(context);
    }

    @Override
    public Received receive(Duration patience) throws ClientGoneException {
        var received = queue.receive(patience);
        if (handler.isPaused() && queue.hasRoom()) {
            context.executor().execute(() -> handler.resume(context));
        }
        return received;
    }

    @Override
    public void send(int channelByte, byte[] bytes, int offset, int length) throws ClientGoneException {
        send(new byte[] {(byte) channelByte}, bytes, offset, length);
    }

    @Override
    public void send(byte[] bytes, int offset, int length) throws ClientGoneException {
        send(NO_CHANNEL, bytes, offset, length);
    }

    /** @param prefix begins each message */
    private void send(byte[] prefix, byte[] bytes, int offset, int length) throws ClientGoneException {
        sending.lock();
        try {
            int done = 0;
            do {
                if (over) {
                    throw new ClientGoneException();
                }
                int piece = Math.min(client.awaitRoom(), length - done);
                var payload = channel.alloc()
                        .buffer(prefix.length + piece)
                        .writeBytes(prefix)
                        .writeBytes(bytes, offset + done, piece);
                channel.writeAndFlush(new BinaryWebSocketFrame(payload), client.sending(prefix.length + piece));
                done += piece;
            } while (done < length);
        } finally {
            sending.unlock();
        }
    }

    @Override
    public void onGoingAway(Runnable action) {
        handler.onGoingAway(action);
    }

    @Override
    public void close(int code, String reason) {
        over = true;
        context.executor().execute(() -> handler.close(context, code, reason));
    }
}
