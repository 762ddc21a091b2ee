package io.agenttier.apiserver.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FreshReadsTest {
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger begun = new AtomicInteger();
    private final CountDownLatch first = new CountDownLatch(1);
    private final FreshReads<String, Integer> reads = new FreshReads<>(key -> {
        int number = begun.incrementAndGet();
        if (number == 1) {
            awaitQuietly(first);
        }
        return number;
    });

    @AfterEach
    void close() {
        first.countDown();
        callers.close();
    }

    @Test
    void givesNobodyAnAnswerOlderThanHisQuestion() {
        var early = CompletableFuture.supplyAsync(() -> reads.get("web"), callers);
        await().until(() -> begun.get() == 1);
        var waiting = new AtomicInteger();
        var late = new CompletableFuture<?>[20];
        for (int i = 0; i < late.length; i++) {
            late[i] = CompletableFuture.supplyAsync(
                    () -> {
                        waiting.incrementAndGet();
                        return reads.get("web");
                    },
                    callers);
        }
        await().until(() -> waiting.get() == late.length);
        first.countDown();
        assertThat(early.join()).isEqualTo(1);
        for (var answer : late) {
            assertThat((Integer) answer.join()).isGreaterThan(1);
        }
    }

    @Test
    void readsDifferentKeysAtTheSameTime() {
        var slow = CompletableFuture.supplyAsync(() -> reads.get("web"), callers);
        await().until(() -> begun.get() == 1);
        assertThat(reads.get("other")).isEqualTo(2);
        assertThat(slow).isNotDone();
    }

    @Test
    void asksAnewAfterAFailureAndPassesItOnToItsOwnCallersOnly() {
        var failing = new FreshReads<String, Integer>(key -> {
            if (begun.incrementAndGet() == 1) {
                throw new IllegalArgumentException("once");
            }
            return 7;
        });
        assertThatThrownBy(() -> failing.get("web")).hasMessage("once");
        assertThat(failing.get("web")).isEqualTo(7);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
