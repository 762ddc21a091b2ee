package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActivityTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final FakeSandboxes sandboxes = new FakeSandboxes();
    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final Queue<Instant> written = new ConcurrentLinkedQueue<>();
    private ActivityWriter writer = (_, at) -> written.add(at);
    private final Activity activity = new Activity(sandboxes, (s, at) -> writer.write(s, at), now::get);

    @AfterEach
    void close() {
        activity.close();
    }

    @ParameterizedTest
    @CsvSource({"PT8S, 59, false", "PT8S, 60, true", "PT1H, 359, false", "PT1H, 360, true", ", 9999, false"})
    void isWrittenAtMostOnceInAMinuteOrATenthOfTheIdleTimeout(@Nullable Duration idle, long seconds, boolean due) {
        assertThat(Activity.isDue(lifecycle(idle, NOW.minusSeconds(seconds)), null, NOW))
                .isEqualTo(due);
        assertThat(Activity.isDue(lifecycle(idle, null), NOW.minusSeconds(seconds), NOW))
                .isEqualTo(due);
    }

    @Test
    void firstUseIsWrittenAndWhatTheCacheDoesNotShowYetIsNotWrittenAgain() {
        sandboxes.cached(used(null));
        activity.used("team1", "web");
        activity.used("team1", "web");
        await().untilAsserted(() -> assertThat(written).containsExactly(NOW));
    }

    @Test
    void whatAnotherReplicaWroteIsNotWrittenAgain() {
        sandboxes.cached(used(NOW.minusSeconds(10)));
        activity.used("team1", "web");
        sandboxes.cached(used(NOW.minusSeconds(3600)));
        activity.used("team1", "web");
        await().untilAsserted(() -> assertThat(written).containsExactly(NOW));
    }

    @Test
    void lastingUseIsNotedWhenItEnds() {
        sandboxes.cached(used(null));
        var use = activity.lasts("team1", "web");
        now.set(NOW.plusSeconds(300));
        use.close();
        use.close();
        await().untilAsserted(() -> assertThat(written).containsExactly(NOW.plusSeconds(300)));
    }

    @Test
    void writeThatHangsHoldsNoCallUpAndOneThatFailsIsTriedByTheNextUse() {
        var release = new CountDownLatch(1);
        writer = (_, _) -> {
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("no answer");
        };
        sandboxes.cached(used(null));
        activity.used("team1", "web");
        writer = (_, at) -> written.add(at);
        release.countDown();
        await().untilAsserted(() -> {
            activity.used("team1", "web");
            assertThat(written).isNotEmpty();
        });
    }

    private static SandboxState used(@Nullable Instant last) {
        return new SandboxState(
                "team1",
                "web",
                "uid-1",
                "Running",
                false,
                null,
                List.of(),
                lifecycle(Duration.ofHours(1), last),
                new TreeSet<>(),
                AgentState.CODE);
    }

    private static Lifecycle lifecycle(@Nullable Duration idle, @Nullable Instant last) {
        return new Lifecycle(false, "", false, false, idle, last, false);
    }
}
