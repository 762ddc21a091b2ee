package io.agenttier.controller.reconcile;

import io.agenttier.controller.kube.NotLeading;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the certificate reconciler from time to time: no certificate is near its end when it is due, so an hour is soon enough. */
final class CertificateLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateLoop.class);
    private static final Duration ALL_WELL = Duration.ofHours(1);

    /** The APIService and the webhooks may come after us, when an installer creates things in another order. */
    private static final Duration UNTRUSTED = Duration.ofSeconds(10);

    private static final Duration FAILED = Duration.ofSeconds(5);

    private final CertificateReconciler reconciler;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    CertificateLoop(CertificateReconciler reconciler) {
        this.reconciler = reconciler;
    }

    /** Starts the loop and returns when the certificates are there for the first time. */
    void start() throws InterruptedException {
        Thread.ofVirtual().name("certificates").start(this::run);
        ready.await();
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private void run() {
        var pause = once();
        try {
            while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                pause = once();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration once() {
        try {
            var trusted = reconciler.reconcile();
            ready.countDown();
            if (!trusted) {
                LOG.atWarn()
                        .log(
                                "the APIService or a webhook configuration does not exist yet, its caBundle is written when it does");
            }
            return trusted ? ALL_WELL : UNTRUSTED;
        } catch (NotLeading e) {
            return FAILED;
        } catch (GeneralSecurityException | RuntimeException e) {
            LOG.atError().setCause(e).log("the certificates could not be brought up to date, tries again");
            return FAILED;
        }
    }
}
