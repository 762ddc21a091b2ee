package io.agenttier.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.telemetry.Metrics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HeadGuardTest {
    private final AtomicLong budget = new AtomicLong(100_000);

    private final List<Metrics.Cut> cuts = new ArrayList<>();

    private HeadGuard guard() {
        return new HeadGuard(HttpLimits.of(1 << 20, 10), budget, cuts::add);
    }

    private static boolean feed(EmbeddedChannel channel, int bytes) {
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[bytes]));
        return channel.isOpen();
    }

    @Test
    void closesTheConnectionThatWouldTakeAllHeadersOverTheBudget() {
        var first = new EmbeddedChannel(guard());
        var second = new EmbeddedChannel(guard());
        second.freezeTime();
        assertThat(feed(first, 60_000)).isTrue();
        assertThat(feed(second, 60_000)).as("it hears why first").isTrue();
        ByteBuf answer = second.readOutbound();
        assertThat(answer.toString(StandardCharsets.UTF_8)).startsWith("HTTP/1.1 429 ");
        answer.release();
        assertThat(feed(second, 60_000)).isTrue();
        second.advanceTimeBy(1, TimeUnit.SECONDS);
        second.runPendingTasks();
        assertThat(second.isOpen()).isFalse();
        assertThat(feed(first, 30_000)).isTrue();
        first.finishAndReleaseAll();
        second.finishAndReleaseAll();
        assertThat(budget).hasValue(100_000);
    }

    @Test
    void chargesNothingForSmallHeadsAndBodies() {
        var guard = guard();
        var channel = new EmbeddedChannel(guard);
        assertThat(feed(channel, 4_000)).isTrue();
        assertThat(budget).hasValue(100_000);
        guard.headComplete();
        assertThat(feed(channel, 1_000_000)).isTrue();
        assertThat(budget).hasValue(100_000);
        channel.finishAndReleaseAll();
    }

    @Test
    void givesBackWhatARequestTookWhenItIsOver() {
        var guard = guard();
        var channel = new EmbeddedChannel(guard);
        for (int i = 0; i < 10; i++) {
            assertThat(feed(channel, 60_000)).isTrue();
            guard.headComplete();
            guard.requestOver();
            assertThat(budget).hasValue(100_000);
        }
        channel.finishAndReleaseAll();
    }

    @Test
    void countsNothingOfWhatAConnectionCarriesThatHasBecomeAWebSocket() {
        var guard = guard();
        var channel = new EmbeddedChannel(guard);
        assertThat(feed(channel, 50_000)).isTrue();
        guard.headComplete();
        guard.bodyComplete();
        guard.upgraded();
        assertThat(budget).hasValue(100_000);
        assertThat(feed(channel, 1_000_000)).isTrue();
        assertThat(budget).hasValue(100_000);
        channel.finishAndReleaseAll();
    }

    @Test
    void countsTheHeadThatComesWhileARequestIsServed() {
        var guard = guard();
        var channel = new EmbeddedChannel(guard);
        assertThat(feed(channel, 50_000)).isTrue();
        guard.headComplete();
        guard.bodyComplete();
        assertThat(feed(channel, 40_000)).isTrue();
        assertThat(budget).hasValue(10_000);
        guard.requestOver();
        assertThat(budget).as("the first is given back, the second is not").hasValue(60_000);
        guard.headComplete();
        guard.bodyComplete();
        assertThat(feed(channel, 70_000)).isFalse();
        assertThat(cuts).containsExactly(Metrics.Cut.HEADER_MEMORY);
        channel.finishAndReleaseAll();
        assertThat(budget).hasValue(100_000);
    }
}
