package io.agenttier.e2e.cluster;

import io.kubernetes.client.custom.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** AgentTier's own pods and the memory they take. */
public final class Programs {
    static final String NAMESPACE = "agenttier";
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");
    private static final Pattern USED = Pattern.compile("(?:DefNew|Tenured) +total \\d+K, used (\\d+)K");

    private Programs() {}

    /**
     * @param resident of the whole process, KiB
     * @param heap in use, KiB
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
            all.add(memory(cluster, pod));
        }
        return all;
    }

    /** Memory of each replica of the apiserver as it is, garbage included. */
    static List<Memory> apiserverMemory(Cluster cluster) {
        return apiservers(cluster).stream().map(pod -> memory(cluster, pod)).toList();
    }

    private static Memory memory(Cluster cluster, String pod) {
        var heap = exec(cluster, pod, "jcmd", "1", "GC.heap_info");
        var used = USED.matcher(heap)
                .results()
                .mapToLong(match -> Long.parseLong(match.group(1)))
                .sum();
        if (used == 0) throw new AssertionError("no generations in: " + heap);
        return new Memory(pod, resident(status(cluster, pod)), used);
    }

    private static String status(Cluster cluster, String pod) {
        return cluster.kubectl()
                .in(NAMESPACE)
                .run("exec", pod, "--", "cat", "/proc/1/status")
                .orThrow()
                .stdout();
    }

    /** Resident memory in KiB from the text of {@code /proc/PID/status}. */
    public static long resident(String status) {
        return kib(RESIDENT, status);
    }

    /** The most that each replica of the apiserver has had resident since its start, KiB. */
    public static Map<String, Long> apiserverPeaks(Cluster cluster) {
        var peaks = new TreeMap<String, Long>();
        for (var pod : apiservers(cluster)) peaks.put(pod, kib(PEAK, status(cluster, pod)));
        return peaks;
    }

    /** What the container of a replica of the apiserver may have, KiB. */
    public static long apiserverLimit(Cluster cluster) {
        var limit = cluster.kubectl()
                .in(NAMESPACE)
                .run(
                        "get",
                        "deployment",
                        "agenttier-apiserver",
                        "-o",
                        "jsonpath={.spec.template.spec.containers[0].resources.limits.memory}")
                .orThrow()
                .stdout();
        return Quantity.fromString(limit).getNumber().longValue() >> 10;
    }

    static List<String> apiservers(Cluster cluster) {
        return pods(cluster).stream()
                .filter(pod -> pod.startsWith("agenttier-apiserver"))
                .toList();
    }

    private static long kib(Pattern field, String status) {
        var found = field.matcher(status);
        if (!found.find()) throw new AssertionError("no " + field + " in: " + status);
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
