package io.agenttier.apiserver.http;

import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.StreamingAnswer;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** The rest of an answer whose headers are sent. Each write waits until the client has taken most of what came before it. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
final class AnswerStream implements StreamingAnswer {
    private final Channel channel;
    private final HttpExchange exchange;
    private final boolean isMute;
    /** Keepalives may come from another thread than output. */
    private final ReentrantLock lock = new ReentrantLock();

    private volatile boolean over;

    /** @param isMute sends no content, as the answer to HEAD, 204 and 304 have none */
    AnswerStream(Channel channel, HttpExchange exchange, boolean isMute) {
        this.channel = channel;
        this.exchange = exchange;
        this.isMute = isMute;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            if (over) {
                throw new ClientGoneException();
            }
            if (isMute) {
                return;
            }
            for (int done = 0; done < length; ) {
                int piece = Math.min(exchange.awaitRoom(), length - done);
                var content = new DefaultHttpContent(Unpooled.copiedBuffer(bytes, offset + done, piece));
                channel.writeAndFlush(content, exchange.client.sending(piece));
                done += piece;
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void end(Map<String, String> trailers) throws IOException {
        lock.lock();
        try {
            if (!over) {
                var _ = exchange.awaitRoom();
                over = true;
                exchange.end(trailers);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Without the lock: it must not wait for a write that waits for the client. */
    @Override
    public void abort() {
        if (!over) {
            over = true;
            channel.close();
        }
    }

    @Override
    public void onClientGone(Runnable action) {
        exchange.client.onGone(action);
    }
}
