package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SandboxEventsTest {
    private static final SandboxState BOX = FakeSandboxes.running();

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final CountDownLatch holding = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final BlockingQueue<String> written = new LinkedBlockingQueue<>();
    private final SandboxEvents events = new SandboxEvents(
            new FakeSandboxes().cached(BOX),
            (_, _, reason, message, _) -> {
                hold(reason);
                written.add(message);
                if (reason.equals("Refused")) {
                    throw new IOException("no");
                }
            },
            now::get);

    @AfterEach
    void close() {
        events.close();
    }

    @Test
    void areBoundedForASandboxAndMinute() throws InterruptedException {
        IntStream.range(0, 3 * SandboxEvents.PER_MINUTE).forEach(i -> add("Opened", "early " + i));
        now.set(Instant.EPOCH.plus(Duration.ofMinutes(1)));
        add("Opened", "late");
        for (int i = 0; i < SandboxEvents.PER_MINUTE; i++) {
            assertThat(next()).isEqualTo("early " + i);
        }
        assertThat(next()).isEqualTo("late");
    }

    @Test
    void ofInvocationsHideNoneOfTerminalsAndNoFailures() throws InterruptedException {
        IntStream.range(0, 3 * SandboxEvents.PER_MINUTE).forEach(i -> add("AgentInvokeStarted", "invocation"));
        add("TerminalOpened", "terminal");
        add("AgentConfigured", "configured");
        events.add(BOX.namespace(), BOX.name(), EventType.WARNING, "AgentInvokeFailed", "failed");
        for (int i = 0; i < SandboxEvents.PER_MINUTE; i++) {
            assertThat(next()).isEqualTo("invocation");
        }
        assertThat(next()).isEqualTo("terminal");
        assertThat(next()).isEqualTo("configured");
        assertThat(next()).isEqualTo("failed");
    }

    @Test
    void ofInvocationsLeavePlacesToOthersWhileManyWait() throws InterruptedException {
        add("Held", "held");
        assertThat(holding.await(30, TimeUnit.SECONDS)).isTrue();
        int places = SandboxEvents.WAITING_MAX - SandboxEvents.RESERVED;
        for (int i = 0; i < 2 * places; i++) {
            now.updateAndGet(time -> time.plus(Duration.ofMinutes(1)));
            add("AgentInvokeStarted", "invocation");
        }
        add("TerminalOpened", "terminal");
        release.countDown();
        assertThat(next()).isEqualTo("held");
        for (int i = 0; i < places; i++) {
            assertThat(next()).isEqualTo("invocation");
        }
        assertThat(next()).isEqualTo("terminal");
    }

    private void hold(String reason) {
        if (reason.equals("Held")) {
            holding.countDown();
            try {
                assertThat(release.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void goOnAfterOneThatWasRefused() throws InterruptedException {
        add("Refused", "first");
        add("Opened", "second");
        assertThat(next()).isEqualTo("first");
        assertThat(next()).isEqualTo("second");
    }

    private void add(String reason, String message) {
        events.add(BOX.namespace(), BOX.name(), reason, message);
    }

    private String next() throws InterruptedException {
        return String.valueOf(written.poll(30, TimeUnit.SECONDS));
    }
}
