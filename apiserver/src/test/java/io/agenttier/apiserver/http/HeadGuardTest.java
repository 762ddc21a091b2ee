package io.agenttier.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.telemetry.Metrics;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
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
        assertThat(feed(first, 60_000)).isTrue();
        assertThat(feed(second, 60_000)).isFalse();
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
}
