package io.agenttier.e2e.integrity;

import io.agenttier.e2e.client.Kubectl;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Kills replicas of the apiserver, one after the other, each once the one before has been replaced; every fourth time all are rolled. */
final class ReplicaKiller implements AutoCloseable {
    private final Kubectl system;
    private final Random random;
    private final Thread thread;
    private volatile boolean over;
    private final AtomicInteger killed = new AtomicInteger();
    private final AtomicInteger rolled = new AtomicInteger();

    ReplicaKiller(Kubectl system, Random random) {
        this.system = system;
        this.random = random;
        this.thread = Thread.ofPlatform().name("replica-killer").start(this::run);
    }

    private void run() {
        for (var turn = 1; !over; turn++) {
            if (turn % 4 == 0) {
                system.run("rollout", "restart", "deployment/agenttier-apiserver");
                rolled.incrementAndGet();
            } else {
                var pods =
                        List.of(system.run("get", "pods", "-l", "app.kubernetes.io/component=apiserver", "-o", "name")
                                .stdout()
                                .strip()
                                .split("\n", -1));
                system.run("delete", pods.get(random.nextInt(pods.size())), "--grace-period=0", "--force");
                killed.incrementAndGet();
            }
            system.run("rollout", "status", "deployment/agenttier-apiserver", "--timeout=120s");
        }
    }

    int killed() {
        return killed.get();
    }

    int rolled() {
        return rolled.get();
    }

    /** Returns when both replicas are back. */
    @Override
    public void close() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
