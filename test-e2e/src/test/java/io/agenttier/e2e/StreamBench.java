package io.agenttier.e2e;

import io.agenttier.e2e.client.ForeignClients;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.PlainPod;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast bytes go into a command and come out of it by WebSocket, beside {@code pods/exec} to the same image: one client, client-go's
 * {@code remotecommand}, for both, in turns. Writes {@code build/bench/streams.md}; our runs must
 * succeed, nothing else is judged.
 */
@Tag("bench")
@ExtendWith(ClusterExtension.class)
class StreamBench {
    private static final int MIB = 64;
    private static final int ROUNDS = 3;

    @TempDir
    private Path folder;

    @Test
    void streamsBesidePodsExec(TestNamespace namespace) throws Exception {
        var ours = namespace.path(namespace.ready(), "exec");
        var pod = PlainPod.sleeping(namespace, "bare");
        var pods = "/api/v1/namespaces/" + namespace.name() + "/pods/" + pod.name() + "/exec";
        var full = Files.write(folder.resolve("full"), new byte[MIB << 20]);
        var empty = Files.write(folder.resolve("empty"), new byte[0]);
        var out = List.of("head", "-c", Integer.toString(MIB << 20), "/dev/zero");
        var in = List.of("sh", "-c", "cat >/dev/null");
        var both = List.of("cat");
        var rows = List.of(
                new Row("stdout", out, empty, MIB << 20),
                new Row("stdin", in, full, 0),
                new Row("stdin → `cat` → stdout", both, full, MIB << 20));
        var table = new StringBuilder("""
                | %d MiB, median of %d | `sandboxes/exec` | `pods/exec` |
                |---|---|---|
                """.formatted(MIB, ROUNDS));
        for (var row : rows) {
            var oursRates = new ArrayList<Double>();
            var podsRates = new ArrayList<Double>();
            for (var i = 0; i < ROUNDS; i++) {
                oursRates.add(rate(namespace, ours, row).orElseThrow());
                rate(namespace, pods, row).ifPresent(podsRates::add);
            }
            table.append("| %s | %s | %s |%n".formatted(row.what(), cell(oursRates), cell(podsRates)));
            Files.createDirectories(Path.of("build/bench"));
            Files.writeString(Path.of("build/bench/streams.md"), table);
        }
        System.out.println(table);
    }

    /** @param answer bytes that must come back */
    private record Row(String what, List<String> argv, Path stdin, long answer) {}

    /** MiB a second of one run, the start of the client included; empty, and said aloud, where the run failed. */
    private OptionalDouble rate(TestNamespace namespace, String path, Row row)
            throws IOException, InterruptedException {
        var stdout = folder.resolve("stdout");
        var stderr = folder.resolve("stderr");
        var begun = System.nanoTime();
        var code = ForeignClients.remotecommand(
                namespace.cluster().kubeconfig(), path, row.argv(), row.stdin(), stdout, stderr);
        var seconds = (System.nanoTime() - begun) / 1e9;
        if (code == 0 && Files.size(stdout) == row.answer()) return OptionalDouble.of(MIB / seconds);
        System.out.println(row.what() + " by " + path + " failed with " + code + ", " + Files.size(stdout)
                + " bytes came: " + Files.readString(stderr));
        return OptionalDouble.empty();
    }

    private static String cell(List<Double> rates) {
        if (rates.isEmpty()) return "all failed";
        var median = rates.stream().sorted().toList().get(rates.size() / 2);
        var text = String.format(Locale.ROOT, "%.0f MiB/s", median);
        return rates.size() == ROUNDS ? text : text + ", " + (ROUNDS - rates.size()) + " failed";
    }
}
