package io.agenttier.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.controller.pki.AuthoritySecret;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PodCertificatesTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final SecureRandom random = new SecureRandom();
    private final AuthoritySecret ca =
            AuthoritySecret.create(InstantSource.system().instant(), random);
    private final AtomicInteger made = new AtomicInteger();
    private volatile boolean broken;
    private final PodCertificates certificates = new PodCertificates(
            () -> {
                made.incrementAndGet();
                if (broken) {
                    throw new IllegalStateException("no CA yet");
                }
                return ca;
            },
            InstantSource.system(),
            random,
            threads);

    @AfterEach
    void close() {
        threads.shutdownNow();
    }

    @Test
    void theOneThatWasBegunIsGivenOutOnce() {
        certificates.begin("0a1b2c3d");
        var first = certificates.take("0a1b2c3d");
        assertThat(made).hasValue(1);
        assertThat(first.issued().certificate().toString()).contains("0a1b2c3d");
        var second = certificates.take("0a1b2c3d");
        assertThat(second.issued().key()).isNotEqualTo(first.issued().key());
    }

    @Test
    void aBeginningThatFailedIsMadeUpFor() {
        broken = true;
        certificates.begin("0a1b2c3d");
        while (made.get() == 0) Thread.onSpinWait();
        broken = false;
        assertThat(certificates.take("0a1b2c3d").authorities()).isSameAs(ca);
    }

    @Test
    void startsThatCameToNothingAreForgotten() {
        IntStream.range(0, 70).forEach(i -> certificates.begin("%08x".formatted(i)));
        certificates.take("%08x".formatted(69));
        while (made.get() < 70) Thread.onSpinWait();
        certificates.take("%08x".formatted(0));
        assertThat(made).hasValue(71);
    }
}
