package io.agenttier.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Time and memory of what comes before a request can be judged: closes connections that are slow with their headers or idle for too long,
 * and those that would take the headers held by all connections together over the budget. Event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
final class HeadGuard extends ChannelInboundHandlerAdapter {
    /** Below this a connection's headers are not charged. */
    private static final int FREE_BYTES = 16 * 1024;

    // per connection
    private final HttpLimits limits;
    private final AtomicLong budget;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ScheduledFuture<?> alarm;

    // per request
    private boolean awaitsFirstByte;
    private boolean readsHead = true;
    private long headBytes;
    private long charged;

    /** @param budget bytes left for all connections */
    HeadGuard(HttpLimits limits, AtomicLong budget) {
        this.limits = limits;
        this.budget = budget;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        // counted from the connection's start, the handshake has its own, shorter limit
        setDeadline(limits.headers());
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (readsHead && message instanceof ByteBuf bytes) {
            if (awaitsFirstByte) {
                awaitsFirstByte = false;
                setDeadline(limits.headers());
            }
            headBytes += bytes.readableBytes();
            if (!charge()) {
                bytes.release();
                ctx.close();
                return;
            }
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        release();
        clearDeadline();
        ctx.fireChannelInactive();
    }

    /** The headers are complete: the request has its own limits from here on. */
    void headComplete() {
        readsHead = false;
        clearDeadline();
    }

    /** The request is over; what comes next is another one. */
    void requestOver() {
        release();
        readsHead = true;
        awaitsFirstByte = true;
        setDeadline(limits.idle());
    }

    private boolean charge() {
        long wanted = headBytes > FREE_BYTES ? headBytes : 0;
        long more = wanted - charged;
        if (more <= 0) {
            return true;
        }
        charged = wanted;
        return budget.addAndGet(-more) >= 0;
    }

    private void release() {
        budget.addAndGet(charged);
        charged = 0;
        headBytes = 0;
    }

    private void setDeadline(Duration in) {
        clearDeadline();
        var ctx = context;
        if (ctx != null) {
            alarm = ctx.executor().schedule(() -> ctx.close(), in.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void clearDeadline() {
        if (alarm != null) {
            alarm.cancel(false);
            alarm = null;
        }
    }
}
