package io.agenttier.apiserver.resource;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A Sandbox and its pods at one moment. Source: the Sandbox object, and the pods whose controller owner is its uid.
 *
 * @param phase {@code status.phase}, for people; {@code Creating} as long as the controller wrote none
 * @param deleting a deletion timestamp is set
 * @param stoppedAt {@code status.stopped.time}, or null
 * @param lifecycle what decides when it stops by itself and starts again
 * @param ports that it declares itself, or that its template does
 * @param agent what agent mode says about it
 */
public record SandboxState(
        String namespace,
        String name,
        String uid,
        String phase,
        boolean deleting,
        @Nullable Instant stoppedAt,
        List<Pod> pods,
        Lifecycle lifecycle,
        SortedSet<Integer> ports,
        AgentState agent) {
    public SandboxState {
        pods = List.copyOf(pods);
        ports = Collections.unmodifiableSortedSet(new TreeSet<>(ports));
    }

    /** A sandbox in code mode that runs for ever and declares no port. */
    public SandboxState(
            String namespace,
            String name,
            String uid,
            String phase,
            boolean deleting,
            @Nullable Instant stoppedAt,
            List<Pod> pods) {
        this(
                namespace,
                name,
                uid,
                phase,
                deleting,
                stoppedAt,
                pods,
                Lifecycle.ENDLESS,
                new TreeSet<>(),
                AgentState.CODE);
    }

    /**
     * One pod of it.
     *
     * @param ip empty until it has one
     * @param incarnation label {@code agenttier.io/incarnation}; empty if it has none
     * @param ready condition {@code Ready} is true
     * @param terminating a deletion timestamp is set, or all its containers have ended
     */
    public record Pod(String name, String ip, String incarnation, boolean ready, boolean terminating) {}
}
