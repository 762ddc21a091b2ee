package io.agenttier.controller.reconcile;

import io.agenttier.controller.pki.AuthoritySecret;
import io.agenttier.controller.pki.Issued;
import io.agenttier.controller.pki.Leaf;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keys and certificates of pods. One whose incarnation is being written to status is made meanwhile, since a start waits for both. */
final class PodCertificates {
    /** Those of starts that came to nothing are forgotten, the oldest first. */
    private static final int WAITING_MAX = 64;

    private final Supplier<AuthoritySecret> authorities;
    private final InstantSource clock;
    private final SecureRandom random;
    private final ExecutorService threads;
    /** By incarnation; guarded by itself. */
    private final Map<String, Future<Made>> waiting = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Future<Made>> eldest) {
            return size() > WAITING_MAX;
        }
    };

    /**
     * A new key with its certificate.
     *
     * @param authorities of which the newest issued it
     */
    record Made(AuthoritySecret authorities, Issued issued) {}

    /** @param threads one thread a task, such as virtual ones */
    PodCertificates(
            Supplier<AuthoritySecret> authorities, InstantSource clock, SecureRandom random, ExecutorService threads) {
        this.authorities = authorities;
        this.clock = clock;
        this.random = random;
        this.threads = threads;
    }

    /** The pod of this incarnation may be made soon. */
    void begin(String incarnation) {
        synchronized (waiting) {
            waiting.put(incarnation, threads.submit(() -> make(incarnation)));
        }
    }

    /** Each key is given out once. */
    Made take(String incarnation) {
        @Nullable Future<Made> begun;
        synchronized (waiting) {
            begun = waiting.remove(incarnation);
        }
        if (begun == null) {
            return make(incarnation);
        }
        try {
            return begun.get();
        } catch (ExecutionException e) {
            return make(incarnation);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a certificate was made", e);
        }
    }

    private Made make(String incarnation) {
        var ca = authorities.get();
        return new Made(ca, ca.issue(new Leaf.Pod(incarnation), clock.instant(), random));
    }
}
