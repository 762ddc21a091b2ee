package io.agenttier.controller.plan;

import static io.agenttier.controller.plan.Fixtures.T0;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When an automatic stop is due, as arithmetic. */
@NullUnmarked
class DeadlineTest {
    private static final Duration GRACE = Duration.ofMinutes(5);
    private static final Use NEVER = new Use(Instant.EPOCH, "");

    @Test
    void runEndsAtStartPlusTimeoutWhateverIsUsed() {
        var deadline = next(lifetime("PT8H", null, null), T0, T0.plusSeconds(3), new Use(T0.plusSeconds(28_000), ""));
        assertThat(deadline.at()).isEqualTo(T0.plus(Duration.ofHours(8)));
        assertThat(deadline.announcedAt()).isEqualTo(deadline.at().minus(GRACE));
        assertThat(deadline.reason()).isEqualTo("MaxRuntimeReached");
    }

    @Test
    void idleTimeCountsFromTheLastUseAndFromReadinessBeforeAnyUse() {
        var ready = T0.plusSeconds(40);
        assertThat(next(lifetime(null, "PT1H", null), T0, ready, NEVER).at())
                .isEqualTo(ready.plus(Duration.ofHours(1)));
        var used = new Use(T0.plusSeconds(500), "");
        assertThat(next(lifetime(null, "PT1H", null), T0, ready, used).at())
                .isEqualTo(T0.plusSeconds(500).plus(Duration.ofHours(1)));
    }

    @Test
    void sandboxThatNobodyCanUseYetIsNotIdle() {
        assertThat(Deadline.next(lifetime(null, "PT8S", null), new Deadline.Facts(T0, null, NEVER, true), GRACE))
                .isEmpty();
    }

    @Test
    void announcementComesAtMostHalfTheTimeBefore() {
        var deadline = next(lifetime(null, "PT8S", null), T0, T0, NEVER);
        assertThat(deadline.announcedAt()).isEqualTo(T0.plusSeconds(4));
    }

    @Test
    void useThatSandboxdCannotBeAskedForHasTimeToBeWritten() {
        var unasked = new Use(T0, "connection refused");
        assertThat(next(lifetime(null, "PT8S", null), T0, T0, unasked).at()).isEqualTo(T0.plusSeconds(68));
        var long20 = next(lifetime(null, "PT20H", null), T0, T0, unasked);
        assertThat(long20.at()).isEqualTo(T0.plus(Duration.ofHours(22)));
        assertThat(long20.remark()).contains("connection refused");
    }

    @Test
    void shutdownTimeIsAnnouncedOnceWhetherItStopsOrDeletes() {
        var stops = lifetime(null, null, T0.plusSeconds(60));
        assertThat(next(stops, T0, T0, NEVER).reason()).isEqualTo("ShutdownTime");
        assertThat(Deadline.next(stops, new Deadline.Facts(T0, T0, NEVER, true), GRACE))
                .isEmpty();
        var deletes = new Lifetime(null, null, T0.plusSeconds(60), true, null);
        assertThat(next(deletes, T0, T0, NEVER)).isEqualTo(next(stops, T0, T0, NEVER));
    }

    @Test
    void shutdownTimeInThePastIsDueAtOnceAlsoWithoutARun() {
        var facts = new Deadline.Facts(null, null, NEVER, false);
        var deadline = Deadline.next(lifetime(null, null, T0.minusSeconds(1)), facts, GRACE)
                .orElseThrow();
        assertThat(deadline.isDue(T0)).isTrue();
    }

    @Test
    void earliestOfAnyActsAndIsAnnouncedBeforeButNeverBeforeHalf() {
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++) {
            var timeout = random.nextBoolean() ? null : Duration.ofSeconds(1 + random.nextInt(100_000));
            var idle = random.nextBoolean() ? null : Duration.ofSeconds(1 + random.nextInt(100_000));
            var shutdown = random.nextBoolean() ? null : T0.plusSeconds(random.nextInt(100_000));
            var used = T0.plusSeconds(random.nextInt(1_000));
            var found = Deadline.next(
                    new Lifetime(timeout, idle, shutdown, false, null),
                    new Deadline.Facts(T0, T0, new Use(used, ""), false),
                    GRACE);
            assertThat(found.isPresent()).isEqualTo(timeout != null || idle != null || shutdown != null);
            found.ifPresent(d -> {
                if (timeout != null) assertThat(d.at()).isBeforeOrEqualTo(T0.plus(timeout));
                if (idle != null) assertThat(d.at()).isBeforeOrEqualTo(used.plus(idle));
                if (shutdown != null) assertThat(d.at()).isBeforeOrEqualTo(shutdown);
                assertThat(d.announcedAt()).isBetween(d.at().minus(GRACE), d.at());
                assertThat(Duration.between(d.announcedAt(), d.at()).multipliedBy(2))
                        .isLessThanOrEqualTo(Duration.between(T0, d.at()));
            });
        }
    }

    @Test
    void daemonsClockNeverPostponesAStopBeyondNow() {
        var status = Fixtures.sandbox(Fixtures.spec(), null).statusOrEmpty();
        var told = new UseReport.Told(T0.plus(Duration.ofDays(9)), false);
        assertThat(Use.of(status, told, T0).last()).isEqualTo(T0);
        assertThat(Use.of(status, new UseReport.Told(Instant.EPOCH, true), T0).last())
                .isEqualTo(T0);
    }

    private static Lifetime lifetime(@Nullable String timeout, @Nullable String idle, @Nullable Instant shutdown) {
        return new Lifetime(
                timeout == null ? null : Duration.parse(timeout),
                idle == null ? null : Duration.parse(idle),
                shutdown,
                false,
                null);
    }

    private static Deadline next(Lifetime lifetime, Instant started, Instant ready, Use use) {
        return Deadline.next(lifetime, new Deadline.Facts(started, ready, use, false), GRACE)
                .orElseThrow();
    }
}
