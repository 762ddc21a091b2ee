package io.agenttier.apiserver.kube;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** Repeats a question to kube-apiserver: waits 0.5 s × 1.5ⁿ with 20 % jitter, five tries, none begun after 10 s, as its own clients do. */
final class Retry {
    private static final int TRIES = 5;
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);
    private static final double FACTOR = 1.5;
    private static final double JITTER = 0.2;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final RandomGenerator random;
    private final Pause pause;
    private final InstantSource clock;

    /** Waits, for real or by a test's clock. */
    interface Pause {
        void wait(Duration time) throws InterruptedException;
    }

    /** A question that may be repeated. */
    interface Question<T> {
        T ask() throws IOException;
    }

    Retry(RandomGenerator random, Pause pause, InstantSource clock) {
        this.random = random;
        this.pause = pause;
        this.clock = clock;
    }

    /** @throws IOException of the last try */
    <T> T ask(Question<T> question) throws IOException {
        var latest = clock.instant().plus(LIMIT);
        var wait = FIRST_WAIT;
        for (int attempt = 1; ; attempt++) {
            try {
                return question.ask();
            } catch (IOException e) {
                if (attempt == TRIES || clock.instant().plus(wait).isAfter(latest)) {
                    throw e;
                }
            }
            try {
                pause.wait(scaled(wait, 1 + JITTER * random.nextDouble()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while kube-apiserver was asked");
            }
            wait = scaled(wait, FACTOR);
        }
    }

    private static Duration scaled(Duration time, double factor) {
        return Duration.ofNanos((long) (time.toNanos() * factor));
    }
}
