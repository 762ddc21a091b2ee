package io.agenttier.controller.kube;

import io.agenttier.controller.effect.Effect;
import io.agenttier.controller.effect.Witness;
import io.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.kubernetes.client.extended.leaderelection.LeaderElectionRecord;
import io.kubernetes.client.extended.leaderelection.LeaderElector;
import io.kubernetes.client.extended.leaderelection.Lock;
import io.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which replica works: the one that holds the Lease. The elector of the Java client tells late when a Lease is lost, so every write asks
 * {@link #mayWrite}, which goes by the time of the last renewal alone.
 */
public final class Leadership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofSeconds(2);

    /** Writes end this long before another replica may take the Lease. */
    private static final Duration MARGIN = Duration.ofSeconds(3);

    private final AtomicReference<Instant> renewed = new AtomicReference<>(Instant.MIN);
    private final AtomicBoolean led = new AtomicBoolean();
    private final InstantSource clock;
    private final Witness witness;
    private final LeaderElector elector;
    private volatile boolean closed;

    public Leadership(
            ApiClient client, String namespace, String lease, String identity, InstantSource clock, Witness witness) {
        this.clock = clock;
        this.witness = witness;
        var lock = new WatchedLock(
                new LeaseLock(namespace, lease, identity, client),
                "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases/" + lease);
        this.elector = new LeaderElector(new LeaderElectionConfig(lock, LEASE, RENEW_DEADLINE, RETRY));
    }

    public boolean mayWrite() {
        var last = renewed.get();
        return last.isAfter(Instant.MIN)
                && clock.instant().isBefore(last.plus(LEASE).minus(MARGIN));
    }

    /**
     * Waits for the Lease, calls {@code work} on a thread of its own once it is held, and returns when it is lost or this is closed.
     *
     * @return whether the Lease was held and lost; the caller then ends, since what it began cannot be taken back
     */
    public boolean run(Runnable work) {
        while (!closed && !led.get()) {
            elector.run(
                    () -> {
                        led.set(true);
                        LOG.atInfo().log("holds the Lease");
                        work.run();
                    },
                    () -> LOG.atInfo().log("does not hold the Lease"));
        }
        return led.get() && !closed;
    }

    /** Gives the Lease back, so that another replica need not wait for its end. */
    @Override
    public void close() {
        closed = true;
        elector.close();
    }

    /** Notes when the Lease was renewed by this process: by the time before the request, which is the safe side. */
    private final class WatchedLock implements Lock {
        private final Lock lock;
        private final String path;

        private WatchedLock(Lock lock, String path) {
            this.lock = lock;
            this.path = path;
        }

        @Override
        public LeaderElectionRecord get() throws ApiException {
            return lock.get();
        }

        @Override
        public boolean create(LeaderElectionRecord held) {
            return noted(() -> lock.create(held), held);
        }

        @Override
        public boolean update(LeaderElectionRecord held) {
            return noted(() -> lock.update(held), held);
        }

        @Override
        public String identity() {
            return lock.identity();
        }

        @Override
        public String describe() {
            return lock.describe();
        }

        private boolean noted(BooleanSupplier write, LeaderElectionRecord held) {
            witness.before(Effect.WRITE_LEASE, path);
            var began = clock.instant();
            var done = write.getAsBoolean();
            witness.after(Effect.WRITE_LEASE, path);
            if (done) {
                renewed.set(identity().equals(held.getHolderIdentity()) ? began : Instant.MIN);
            }
            return done;
        }
    }
}
