package io.agenttier.apiserver.resource;

import io.agenttier.api.GoDuration;
import io.agenttier.apiserver.route.Call;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Pauses an output before kube-apiserver cuts its answer ({@code spec} behaviour §1, the 60 s rule), until it is closed. Its client then goes
 * on by {@code log}, which is not cut.
 */
final class AnswerTimer implements AutoCloseable {
    /** The end of an answer must be there before the cut. */
    private static final Duration MARGIN = Duration.ofSeconds(2);

    private final CountDownLatch closed = new CountDownLatch(1);

    private AnswerTimer() {}

    /** @param streamFor from when the call was received */
    static AnswerTimer start(Call call, LiveOutput output, Duration streamFor, InstantSource clock) {
        var left = length(call, streamFor).minus(Duration.between(call.received(), clock.instant()));
        var timer = new AnswerTimer();
        Thread.ofVirtual().name("answer-timer").start(() -> timer.run(output, left));
        return timer;
    }

    private void run(LiveOutput output, Duration left) {
        try {
            if (!closed.await(left.toNanos(), TimeUnit.NANOSECONDS)) {
                output.pause();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The shorter one of ours and the caller's {@code timeout}, a parameter that kube-apiserver acts on. */
    static Duration length(Call call, Duration streamFor) {
        return call.parameter("timeout")
                .flatMap(GoDuration::parse)
                .filter(Duration::isPositive)
                .map(timeout -> timeout.minus(MARGIN))
                .filter(timeout -> timeout.compareTo(streamFor) < 0)
                .orElse(streamFor);
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
