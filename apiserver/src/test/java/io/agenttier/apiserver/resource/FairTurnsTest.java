package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class FairTurnsTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final List<String> order = new CopyOnWriteArrayList<>();
    private final List<Thread> calls = new ArrayList<>();

    @Test
    void usersTakeTurnsAndEachUsersCallsKeepTheirOrder() throws Exception {
        var turns = new FairTurns(1, LONG, LONG);
        try (var _ = turns.take("greedy")) {
            for (var call : List.of("greedy 1", "greedy 2", "greedy 3", "modest 1", "other 1", "modest 2")) {
                comes(turns, call);
            }
        }
        for (var call : calls) call.join();
        assertThat(order).containsExactly("greedy 1", "modest 1", "other 1", "greedy 2", "modest 2", "greedy 3");
        assertThat(turns.waiting()).isZero();
    }

    @Test
    void asManyAsThereArePlacesAndNeverMore() throws Exception {
        var turns = new FairTurns(3, LONG, LONG);
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        for (var i = 0; i < 200; i++) {
            var user = "user-" + i % 7;
            calls.add(Thread.startVirtualThread(() -> {
                try (var _ = turns.take(user)) {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    Thread.onSpinWait();
                    running.decrementAndGet();
                    order.add(user);
                } catch (Exception e) {
                    order.add(e.toString());
                }
            }));
        }
        for (var call : calls) call.join();
        assertThat(order).hasSize(200).allMatch(line -> line.startsWith("user-"));
        assertThat(most.get()).isLessThanOrEqualTo(3);
        try (var _ = turns.take("a");
                var _ = turns.take("b");
                var _ = turns.take("c")) {
            assertThat(turns.waiting()).isZero();
        }
    }

    @Test
    void oneWhoseTurnDoesNotComeIsRefusedAndLeavesNoTrace() throws Exception {
        var turns = new FairTurns(1, LONG, Duration.ofNanos(1));
        try (var _ = turns.take("greedy")) {
            assertThatThrownBy(() -> turns.take("modest"))
                    .isInstanceOfSatisfying(
                            ApiException.class,
                            e -> assertThat(e.error()).isInstanceOf(ApiError.TooManyRequests.class));
            assertThat(turns.waiting()).isZero();
        }
        try (var _ = turns.take("modest")) {
            assertThat(turns.waiting()).isZero();
        }
    }

    @Test
    void oneThatIsInterruptedLeavesItsPlaceToTheNext() throws Exception {
        var turns = new FairTurns(1, LONG, LONG);
        try (var _ = turns.take("greedy")) {
            comes(turns, "gone 1");
            comes(turns, "modest 1");
            calls.getFirst().interrupt();
            calls.getFirst().join();
        }
        for (var call : calls) call.join();
        assertThat(order).containsExactly("interrupted while it waited for its turn", "modest 1");
    }

    @Test
    void onesThatHangLoseTheirPlacesToOthersAndTakeNoneFromThemWhenTheyEnd() throws Exception {
        var turns = new FairTurns(2, Duration.ofMillis(1), LONG);
        var hanging = List.of(turns.take("dead pod"), turns.take("dead pod"));
        for (var i = 0; i < 5; i++) {
            try (var _ = turns.take("modest")) {
                assertThat(turns.waiting()).isZero();
            }
        }
        hanging.forEach(FairTurns.Turn::close);
        assertThat(turns.waiting()).isZero();
    }

    /** A call of the user that it is named after; returns when it waits. */
    private void comes(FairTurns turns, String call) {
        var before = turns.waiting();
        calls.add(Thread.startVirtualThread(() -> {
            try (var _ = turns.take(call.substring(0, call.indexOf(' ')))) {
                order.add(call);
            } catch (Exception e) {
                order.add(e.getMessage());
            }
        }));
        Awaitility.await().until(() -> turns.waiting() == before + 1);
    }
}
