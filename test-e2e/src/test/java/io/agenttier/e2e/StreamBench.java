package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast bytes go into a command and come out of it by WebSocket, beside {@code pods/exec} to the same image: one client, client-go's
 * {@code remotecommand}, for both, in turns. Writes {@code build/bench/streams.md}; judges nothing.
 */
@Tag("bench")
@ExtendWith(ClusterExtension.class)
class StreamBench {
    private static final int MIB = 64;
    private static final int ROUNDS = 5;

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
                oursRates.add(rate(namespace, ours, row));
                podsRates.add(rate(namespace, pods, row));
            }
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.0f MiB/s | %.0f MiB/s |%n",
                    row.what(),
                    median(oursRates),
                    median(podsRates)));
        }
        System.out.println(table);
        Files.createDirectories(Path.of("build/bench"));
        Files.writeString(Path.of("build/bench/streams.md"), table);
    }

    /** @param answer bytes that must come back */
    private record Row(String what, List<String> argv, Path stdin, long answer) {}

    /** MiB a second of one run, the start of the client included. */
    private double rate(TestNamespace namespace, String path, Row row) throws IOException, InterruptedException {
        var stdout = folder.resolve("stdout");
        var stderr = folder.resolve("stderr");
        var begun = System.nanoTime();
        var code = ForeignClients.remotecommand(
                namespace.cluster().kubeconfig(), path, row.argv(), row.stdin(), stdout, stderr);
        var seconds = (System.nanoTime() - begun) / 1e9;
        assertThat(code).as(Files.readString(stderr)).isZero();
        assertThat(Files.size(stdout)).isEqualTo(row.answer());
        return MIB / seconds;
    }

    private static double median(List<Double> rates) {
        return rates.stream().sorted().toList().get(rates.size() / 2);
    }
}
