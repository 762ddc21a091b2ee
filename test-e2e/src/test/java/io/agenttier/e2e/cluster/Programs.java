package io.agenttier.e2e.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** AgentTier's own pods and the memory they take. */
public final class Programs {
    static final String NAMESPACE = "agenttier";
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final Pattern USED = Pattern.compile("(?:DefNew|Tenured) +total \\d+K, used (\\d+)K");

    private Programs() {}

    /**
     * @param resident of the whole process, KiB
     * @param heap in use right after a collection, KiB
     */
    public record Memory(String pod, long resident, long heap) {}

    static List<String> pods(Cluster cluster) {
        return cluster.kubectl()
                .in(NAMESPACE)
                .run(
                        "get",
                        "pods",
                        "-l",
                        "app.kubernetes.io/component in (apiserver, controller)",
                        "-o",
                        "jsonpath={range .items[*]}{.metadata.name}{\"\\n\"}{end}")
                .orThrow()
                .stdout()
                .lines()
                .toList();
    }

    /** Memory of each pod after a full collection of its heap. */
    public static List<Memory> memory(Cluster cluster) {
        var all = new ArrayList<Memory>();
        for (var pod : pods(cluster)) {
            exec(cluster, pod, "jcmd", "1", "GC.run");
            var heap = exec(cluster, pod, "jcmd", "1", "GC.heap_info");
            var used = USED.matcher(heap)
                    .results()
                    .mapToLong(match -> Long.parseLong(match.group(1)))
                    .sum();
            if (used == 0) throw new AssertionError("no generations in: " + heap);
            var status = cluster.kubectl()
                    .in(NAMESPACE)
                    .run("exec", pod, "--", "cat", "/proc/1/status")
                    .orThrow()
                    .stdout();
            all.add(new Memory(pod, resident(status), used));
        }
        return all;
    }

    /** Resident memory in KiB from the text of {@code /proc/PID/status}. */
    public static long resident(String status) {
        var found = RESIDENT.matcher(status);
        if (!found.find()) throw new AssertionError("no VmRSS in: " + status);
        return Long.parseLong(found.group(1));
    }

    private static String exec(Cluster cluster, String pod, String program, String... arguments) {
        var command = new ArrayList<>(List.of("exec", pod, "--", "/opt/java/bin/" + program));
        command.addAll(List.of(arguments));
        return cluster.kubectl()
                .in(NAMESPACE)
                .run(command.toArray(String[]::new))
                .orThrow()
                .stdout();
    }
}
