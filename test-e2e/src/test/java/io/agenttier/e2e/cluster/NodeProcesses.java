package io.agenttier.e2e.cluster;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

/** Processes of the nodes of a local cluster, which are processes of this machine. */
public final class NodeProcesses {
    private NodeProcesses() {}

    /** The daemon in container {@code sandbox} of the pod with this uid. Skips the test where nodes are elsewhere. */
    public static ProcessHandle sandboxd(Cluster cluster, String podUid) {
        assumeThat(cluster.nodeIsThisMachine()).as("nodes are this machine").isTrue();
        var slice = podUid.replace('-', '_');
        return one(
                "sandboxd of pod " + podUid,
                process -> file(process, "cmdline").startsWith("/.agenttier/bin/sandboxd\0serve")
                        && (file(process, "cgroup").contains(podUid)
                                || file(process, "cgroup").contains(slice)));
    }

    /** Until it is closed, the kubelet of a node stands still: nobody answers for the node, and what runs there runs on. */
    public static Paused pauseKubelet(Cluster cluster, String node) {
        assumeThat(cluster.nodeIsThisMachine()).as("nodes are this machine").isTrue();
        var folder = Path.of("build/cluster", node).toAbsolutePath() + "/";
        var kubelet = one("the kubelet of " + node, process -> {
            var command = file(process, "cmdline");
            return command.contains("/kubelet\0") && command.contains(folder);
        });
        signal("STOP", kubelet);
        return () -> signal("CONT", kubelet);
    }

    public static void signal(String signal, ProcessHandle process) {
        Command.run("kill", "-" + signal, Long.toString(process.pid())).orThrow();
    }

    private static ProcessHandle one(String what, Predicate<ProcessHandle> matches) {
        return ProcessHandle.allProcesses()
                .filter(matches)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(what + " does not run on this machine"));
    }

    /** Empty for a process that has ended meanwhile. */
    static String file(ProcessHandle process, String name) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), name));
        } catch (IOException e) {
            return "";
        }
    }

    /** A process that stands still. */
    public interface Paused extends AutoCloseable {
        @Override
        void close();
    }
}
