package io.agenttier.e2e.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** How long calls took, in milliseconds. */
public final class Timings {
    private final List<Double> millis = new ArrayList<>();

    /** Makes a call and adds its time. */
    public void add(Callable<?> call) throws Exception {
        var begun = System.nanoTime();
        call.call();
        addNanos(System.nanoTime() - begun);
    }

    public void addNanos(long nanos) {
        millis.add(nanos / 1e6);
    }

    public double quantile(double quantile) {
        var sorted = millis.stream().sorted().toList();
        return sorted.get(Math.min(sorted.size() - 1, (int) (sorted.size() * quantile)));
    }

    /** A quantile with one digit behind the point. */
    public String at(double quantile) {
        return String.format(Locale.ROOT, "%.1f", quantile(quantile));
    }

    /** Calls a second while so many clients call as fast as they are served. */
    public static double rate(int clients, Duration load, Callable<?> call) throws Exception {
        var done = new AtomicInteger();
        var begun = System.nanoTime();
        try (var lanes = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            for (var i = 0; i < clients; i++) {
                running.add(lanes.submit(() -> {
                    while (System.nanoTime() - begun < load.toNanos()) {
                        call.call();
                        done.incrementAndGet();
                    }
                    return null;
                }));
            }
            for (var client : running) client.get();
        }
        return done.get() / ((System.nanoTime() - begun) / 1e9);
    }
}
