package io.agenttier.apiserver.http;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.route.Answers;
import io.agenttier.apiserver.telemetry.Metrics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Time and memory of what comes before a request can be judged: closes connections that are slow with their headers or idle for too long,
 * and those that would take the headers held by all connections together over the budget, with an answer if nothing else is being
 * answered. Counts the head of the next request as well, which may come while one is served. Event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
final class HeadGuard extends ChannelInboundHandlerAdapter {
    /** Below this a connection's headers are not charged. */
    private static final int FREE_BYTES = 4 * 1024;
    /** How long a client may send on after it was refused: a reset would overtake the answer. */
    private static final Duration REFUSAL_TIME = Duration.ofMillis(300);

    // per connection
    private final HttpLimits limits;
    private final AtomicLong budget;
    private final Consumer<Metrics.Cut> cuts;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ScheduledFuture<?> alarm;
    private long charged;
    private boolean refused;

    // per request
    private boolean awaitsFirstByte;
    private Part reading = Part.HEAD;
    private long headBytes;
    private long nextHeadBytes;

    /** What the bytes that come belong to. */
    private enum Part {
        HEAD,
        BODY,
        NEXT_HEAD
    }

    /**
     * @param budget bytes left for all connections
     * @param cuts told of each connection that has reached a limit
     */
    HeadGuard(HttpLimits limits, AtomicLong budget, Consumer<Metrics.Cut> cuts) {
        this.limits = limits;
        this.budget = budget;
        this.cuts = cuts;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        // counted from the connection's start, the handshake has its own, shorter limit
        awaitHead();
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (refused) {
            ReferenceCountUtil.release(message);
            ctx.read();
            return;
        }
        if (message instanceof ByteBuf bytes && !take(bytes.readableBytes())) {
            bytes.release();
            cuts.accept(Metrics.Cut.HEADER_MEMORY);
            refuse(ctx);
            return;
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        headBytes = 0;
        nextHeadBytes = 0;
        charge();
        clearDeadline();
        ctx.fireChannelInactive();
    }

    /** The headers are complete: the request has its own limits from here on. */
    void headComplete() {
        reading = Part.BODY;
        clearDeadline();
    }

    /** The body is complete: what comes now belongs to another request. */
    void bodyComplete() {
        reading = Part.NEXT_HEAD;
    }

    /** No other request comes: the connection has become something else. */
    void upgraded() {
        reading = Part.BODY;
        headBytes = 0;
        nextHeadBytes = 0;
        charge();
    }

    /** The request is over. */
    void requestOver() {
        reading = Part.HEAD;
        headBytes = nextHeadBytes;
        nextHeadBytes = 0;
        charge();
        if (headBytes > 0) {
            awaitHead();
        } else {
            awaitsFirstByte = true;
            setDeadline(limits.idle(), () -> {});
        }
    }

    private boolean take(int bytes) {
        switch (reading) {
            case HEAD -> {
                headBytes += bytes;
                if (awaitsFirstByte) {
                    awaitHead();
                }
            }
            case NEXT_HEAD -> nextHeadBytes += bytes;
            case BODY -> {
                return true;
            }
        }
        return charge();
    }

    /** False if there is not enough for all. */
    private boolean charge() {
        long wanted = beyondFree(headBytes) + beyondFree(nextHeadBytes);
        long more = wanted - charged;
        charged = wanted;
        return budget.addAndGet(-more) >= 0 || more <= 0;
    }

    private static long beyondFree(long bytes) {
        return bytes > FREE_BYTES ? bytes : 0;
    }

    /** In the words of HTTP, where no request has begun that an answer could be taken for. */
    private void refuse(ChannelHandlerContext ctx) {
        refused = true;
        if (reading != Part.HEAD) {
            ctx.close();
            return;
        }
        var answer = Answers.error(new ApiError.TooManyRequests(
                "the headers of requests under way hold all memory that they may: try again", Duration.ofSeconds(1)));
        var head = new StringBuilder("HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n");
        answer.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Length: ").append(answer.body().length).append("\r\n\r\n");
        ctx.writeAndFlush(Unpooled.wrappedBuffer(head.toString().getBytes(StandardCharsets.US_ASCII), answer.body()));
        clearDeadline();
        alarm = ctx.executor().schedule(() -> ctx.close(), REFUSAL_TIME.toNanos(), TimeUnit.NANOSECONDS);
        ctx.read();
    }

    private void awaitHead() {
        awaitsFirstByte = false;
        setDeadline(limits.headers(), () -> cuts.accept(Metrics.Cut.HEADER_TIME));
    }

    /** @param before runs before the connection is closed */
    private void setDeadline(Duration in, Runnable before) {
        clearDeadline();
        var ctx = context;
        if (ctx != null) {
            alarm = ctx.executor()
                    .schedule(
                            () -> {
                                before.run();
                                ctx.close();
                            },
                            in.toNanos(),
                            TimeUnit.NANOSECONDS);
        }
    }

    private void clearDeadline() {
        if (alarm != null) {
            alarm.cancel(false);
            alarm = null;
        }
    }
}
