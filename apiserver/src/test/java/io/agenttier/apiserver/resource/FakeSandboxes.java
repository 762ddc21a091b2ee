package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/** A cache and a truth that may differ. */
final class FakeSandboxes implements Sandboxes {
    private volatile Optional<SandboxState> cached = Optional.empty();
    private final Deque<Optional<SandboxState>> live = new ArrayDeque<>();
    /** Runs instead of each wait for news. */
    Runnable heard = () -> {};

    final AtomicInteger liveReads = new AtomicInteger();

    static SandboxState state(String phase, SandboxState.Pod... pods) {
        return new SandboxState("team1", "web", "uid-1", phase, false, null, List.copyOf(Arrays.asList(pods)));
    }

    /** It runs, and declares these ports. */
    static SandboxState declaring(Integer... ports) {
        return new SandboxState(
                "team1",
                "web",
                "uid-1",
                "Running",
                false,
                null,
                List.of(pod(FakeSandboxd.INCARNATION)),
                Lifecycle.ENDLESS,
                new TreeSet<>(List.of(ports)),
                AgentState.CODE);
    }

    /** It runs, and is in this state of agent mode. */
    static SandboxState agent(AgentState agent) {
        return new SandboxState(
                "team1",
                "web",
                "uid-1",
                "Running",
                false,
                null,
                List.of(pod(FakeSandboxd.INCARNATION)),
                Lifecycle.ENDLESS,
                new TreeSet<>(),
                agent);
    }

    static SandboxState running() {
        return state("Running", pod(FakeSandboxd.INCARNATION));
    }

    static SandboxState.Pod pod(String incarnation) {
        return new SandboxState.Pod("web-pod", "127.0.0.1", incarnation, true, false);
    }

    FakeSandboxes cached(SandboxState state) {
        cached = Optional.of(state);
        return this;
    }

    /** The answers of live reads, one after the other; the last one stays. */
    FakeSandboxes live(SandboxState... states) {
        live.clear();
        Arrays.stream(states).map(Optional::of).forEach(live::add);
        return this;
    }

    @Override
    public News news(String namespace, String name) {
        return new News() {
            @Override
            public void await(Duration atMost) {
                heard.run();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Optional<SandboxState> cached(String namespace, String name) {
        return cached;
    }

    @Override
    public synchronized Optional<SandboxState> live(String namespace, String name) {
        liveReads.incrementAndGet();
        if (live.isEmpty()) {
            return Optional.empty();
        }
        return live.size() > 1 ? live.pop() : live.peek();
    }
}
