package io.agenttier.e2e.cluster;

import java.nio.file.Path;
import java.util.Optional;

/** Where a test's cluster comes from. The choice is a pure function of what was found on the machine. */
public sealed interface ClusterChoice {
    /** A cluster with AgentTier in it that {@code make cluster deploy} or {@code make test} has brought up. */
    record Running(Path kubeconfig) implements ClusterChoice {}

    /** A kind cluster of this test run, by Testcontainers. */
    record Kind() implements ClusterChoice {}

    /** The local cluster of processes, to be brought up. */
    record Local() implements ClusterChoice {}

    /** None can be had. */
    record None(String why) implements ClusterChoice {}

    /**
     * What is known of the machine.
     *
     * @param wanted value of {@code CLUSTER}: {@code auto}, {@code local}, {@code kind} or {@code current}
     * @param kubeconfig that of a cluster which is up, if there is one
     * @param engine whether a container engine answers
     * @param root whether the local cluster may make namespaces and mounts
     */
    record Machine(String wanted, Optional<Path> kubeconfig, boolean engine, boolean root) {}

    static ClusterChoice of(Machine machine) {
        if (machine.kubeconfig().isPresent())
            return new Running(machine.kubeconfig().get());
        return switch (machine.wanted()) {
            case "kind" ->
                machine.engine()
                        ? new Kind()
                        : new None("CLUSTER=kind, but no container engine answers: start Docker, or use CLUSTER=local");
            case "local" -> local(machine);
            case "auto" -> machine.engine() ? new Kind() : local(machine);
            case "current" ->
                new None("CLUSTER=current needs a person's yes: run \"make cluster deploy CLUSTER=current\" first");
            default -> new None("CLUSTER=" + machine.wanted() + " is unknown, expected auto, local, kind or current");
        };
    }

    private static ClusterChoice local(Machine machine) {
        return machine.root()
                ? new Local()
                : new None(
                        "the local cluster makes network namespaces and mounts, which needs root: run as root, or start Docker for kind");
    }
}
