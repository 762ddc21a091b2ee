package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.ApiserverReplicas;
import io.agenttier.e2e.client.Hashes;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Streams of {@code kubectl sandbox} whose replica of the apiserver is killed in the middle: they go on, and no byte is lost or doubled. */
@Tag("disruptive")
@ExtendWith(ClusterExtension.class)
class PluginStreamsE2E {
    private static final int INPUT = 64 << 20;
    private static final int LINES = 400;

    @AfterEach
    void bothReplicasAreBack(TestNamespace namespace) {
        namespace.cluster().awaitApiserver();
    }

    @Test
    void standardInputAndOutputSurviveTheirReplica(TestNamespace namespace) throws Exception {
        var sandbox = namespace.ready();
        var input = new byte[INPUT];
        new Random(6).nextBytes(input);
        var process = plugin(namespace, "exec", sandbox, "-i", "--", "sh", "-c", "cat; exit 3");
        var written = CompletableFuture.runAsync(
                () -> {
                    try (var out = process.getOutputStream()) {
                        out.write(input);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
        var errors = read(process.getErrorStream());
        var hash = new DigestInputStream(process.getInputStream(), Hashes.sha256());
        assertThat(hash.readNBytes(INPUT / 4)).hasSize(INPUT / 4);
        new ApiserverReplicas(namespace).killServing(sandbox, "attach");
        long rest = hash.transferTo(OutputStream.nullOutputStream());
        written.join();
        assertThat(process.waitFor()).as(errors.join()).isEqualTo(3);
        assertThat(INPUT / 4 + rest).as("bytes that cat gave back").isEqualTo(INPUT);
        assertThat(hash.getMessageDigest().digest()).isEqualTo(Hashes.sha256().digest(input));
        assertThat(errors.join()).isEmpty();
    }

    @Test
    void attachSurvivesItsReplica(TestNamespace namespace) throws Exception {
        var sandbox = namespace.ready();
        var script = "i=0; while [ $i -lt %d ]; do i=$((i+1)); echo line $i; sleep 0.05; done; exit 5".formatted(LINES);
        var id = namespace
                .kubectl()
                .sandbox("exec", sandbox, "--detach", "--", "sh", "-c", script)
                .orThrow()
                .stdout()
                .strip();
        var process = plugin(namespace, "attach", sandbox, "--process", id, "--offset", "0");
        var errors = read(process.getErrorStream());
        var lines = new ArrayList<String>();
        try (var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            while (lines.size() < LINES / 10) lines.add(reader.readLine());
            new ApiserverReplicas(namespace).killServing(sandbox, "attach");
            reader.lines().forEach(lines::add);
        }
        assertThat(process.waitFor()).as(errors.join()).isEqualTo(5);
        assertThat(lines)
                .isEqualTo(IntStream.rangeClosed(1, LINES)
                        .mapToObj(number -> "line " + number)
                        .toList());
        assertThat(errors.join()).isEmpty();
    }

    @Test
    void aTerminalSurvivesItsReplica(TestNamespace namespace) throws Exception {
        var sandbox = namespace.ready();
        var process = Command.start(
                List.of("python3", "test-e2e/clients/terminal.py", namespace.name(), sandbox, "survive"),
                environment(namespace));
        var errors = read(process.getErrorStream());
        try (var out = process.inputReader(StandardCharsets.UTF_8);
                var in = process.outputWriter(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("ready");
            new ApiserverReplicas(namespace).killServing(sandbox, "attach");
            in.write("killed\n");
            in.flush();
            assertThat(out.lines()).contains("ok: the terminal goes on, nothing lost or doubled");
        }
        assertThat(process.waitFor()).as(errors.join()).isZero();
    }

    private static Process plugin(TestNamespace namespace, String command, String... arguments) {
        var words = new ArrayList<>(List.of("kubectl", "sandbox", command, "--namespace=" + namespace.name()));
        words.addAll(List.of(arguments));
        return Command.start(words, environment(namespace));
    }

    private static Map<String, String> environment(TestNamespace namespace) {
        return Map.of(
                "KUBECONFIG",
                namespace.cluster().kubeconfig().toString(),
                "PATH",
                Path.of("build/bin").toAbsolutePath() + ":" + System.getenv("PATH"));
    }

    private static CompletableFuture<String> read(InputStream in) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }
}
