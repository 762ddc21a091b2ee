package io.agenttier.apiserver.route;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts streams whose caller has lost the right to them, or whose credentials have ended: kube-apiserver looks once, at the beginning, and a
 * stream may last for days. A check that could not be made changes nothing; the next one decides.
 */
public final class RightsWatch {
    private static final Logger LOG = LoggerFactory.getLogger(RightsWatch.class);

    private final Duration interval;

    /** @param interval between two checks of one stream */
    public RightsWatch(Duration interval) {
        this.interval = interval;
    }

    /** The watch over one call; closing it ends it. */
    final class Over implements AutoCloseable {
        private final CountDownLatch ended = new CountDownLatch(1);

        /** Begins to look at a stream. {@code end} is run once the right is lost. */
        void begin(Runnable end, BooleanSupplier mayStill, ObservedExchange exchange) {
            Thread.ofVirtual().name("rights").start(() -> {
                while (!endsWithin(interval)) {
                    if (!isAllowed(mayStill)) {
                        exchange.note(Note.CLOSE_REASON, "the caller has lost the right to this stream");
                        end.run();
                        return;
                    }
                }
            });
        }

        private boolean endsWithin(Duration time) {
            try {
                return ended.await(time.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return true;
            }
        }

        @Override
        public void close() {
            ended.countDown();
        }
    }

    Over open() {
        return new Over();
    }

    private static boolean isAllowed(BooleanSupplier mayStill) {
        try {
            return mayStill.getAsBoolean();
        } catch (ApiException e) {
            if (e.error() instanceof ApiError.Unauthorized) {
                return false;
            }
            LOG.atWarn().addKeyValue("cause", e.getMessage()).log("the right to a running stream could not be checked");
            return true;
        }
    }
}
