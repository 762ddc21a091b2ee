package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Kubectl;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code kubectl sandbox} as a person uses it. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class PluginE2E {
    @Test
    void takesASandboxThroughItsLife(TestNamespace namespace) {
        var kubectl = namespace.kubectl();
        kubectl.sandbox("create", "mine", "--template", "minimal-shell", "--wait")
                .orThrow();
        assertThat(namespace.sandbox("mine").at("/spec/templateRef/kind").asText())
                .isEqualTo("ClusterSandboxTemplate");
        var exec = kubectl.sandbox("exec", "mine", "--", "bash", "-c", "echo to stdout; echo to stderr >&2; exit 9");
        assertThat(exec.stdout()).isEqualTo("to stdout\n");
        assertThat(exec.stderr()).isEqualTo("to stderr\n");
        assertThat(exec.code()).isEqualTo(9);
        kubectl.sandbox("stop", "mine").orThrow();
        namespace.awaitPhase("mine", "Stopped");
        var refused = kubectl.sandbox("exec", "mine", "--", "true");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.stderr()).contains("Stopped").contains("resume");
        kubectl.sandbox("resume", "mine", "--wait").orThrow();
        assertThat(kubectl.sandbox("exec", "mine", "--", "git", "--version").stdout())
                .startsWith("git version");
    }

    @Test
    void saysWhoIsForbidden(TestNamespace namespace) {
        var sandbox = namespace.ready();
        var outcome = namespace.kubectl().as("nobody").sandbox("exec", sandbox, "--", "true");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.stderr()).contains("User \"nobody\" cannot create resource \"sandboxes/exec\"");
    }

    @Test
    void namesWhatIsMissing(TestNamespace namespace) {
        assertThat(namespace.kubectl().sandbox("exec", "nobody", "--", "true").stderr())
                .contains("nobody")
                .contains("not found");
        assertThat(namespace.kubectl().sandbox("exec").code()).isEqualTo(2);
        assertThat(namespace.kubectl().sandbox("frobnicate").code()).isEqualTo(2);
        var noTemplate = namespace.kubectl().sandbox("create", "x", "--template", "no-such-template");
        assertThat(noTemplate.code()).isEqualTo(1);
        assertThat(noTemplate.stderr()).contains("no-such-template");
    }

    @Test
    void tellsItsVersionWithoutACluster() {
        var version = new Kubectl(Map.of(
                        "KUBECONFIG",
                        "/nonexistent",
                        "PATH",
                        Path.of("build/bin").toAbsolutePath() + ":/usr/bin:/bin"))
                .sandbox("version", "--client");
        assertThat(version.code()).as(version.toString()).isZero();
        assertThat(version.stdout()).contains("0.1.0");
    }

    @Test
    void carriesBytesUnchanged(TestNamespace namespace) {
        var sandbox = namespace.ready();
        var outcome = namespace
                .kubectl()
                .sandbox(
                        "exec",
                        sandbox,
                        "--",
                        "sh",
                        "-c",
                        "head -c 5000000 /dev/zero | tr '\\0' a; head -c 300000 /dev/zero | tr '\\0' b >&2");
        assertThat(outcome.stdout()).hasSize(5_000_000).matches("a+");
        assertThat(outcome.stderr()).hasSize(300_000).matches("b+");
    }

    @Test
    void streamsStandardInputUnchanged(TestNamespace namespace) {
        var sandbox = namespace.ready();
        var input = new Random(5)
                .ints(Size.of(8, 64) << 20, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        var outcome = namespace.kubectl().with(input).sandbox("exec", sandbox, "-i", "--", "sh", "-c", "cat; exit 3");
        assertThat(outcome.code()).as(outcome.stderr()).isEqualTo(3);
        assertThat(outcome.stdout().equals(input))
                .as("what cat gave back is what it was given")
                .isTrue();
    }

    @Test
    void copiesFoldersBothWays(TestNamespace namespace, @TempDir Path folder) throws Exception {
        var sandbox = namespace.ready();
        var tree = Files.createDirectories(folder.resolve("tree/deep"));
        Files.writeString(tree.resolve("a.txt"), "a");
        var tool = Files.writeString(folder.resolve("tree/tool"), "#!/bin/sh\necho ran\n");
        assertThat(tool.toFile().setExecutable(true)).isTrue();
        namespace
                .kubectl()
                .sandbox("cp", folder.resolve("tree").toString(), sandbox + ":tree")
                .orThrow();
        assertThat(namespace
                        .kubectl()
                        .sandbox("exec", sandbox, "--", "tree/tool")
                        .stdout())
                .isEqualTo("ran\n");
        namespace
                .kubectl()
                .sandbox("cp", sandbox + ":tree", folder.resolve("back").toString())
                .orThrow();
        assertThat(folder.resolve("back/deep/a.txt")).hasContent("a");
        assertThat(folder.resolve("back/tool")).isExecutable();
    }

    @Test
    void showsAndCancelsProcesses(TestNamespace namespace) {
        var sandbox = namespace.ready();
        var kubectl = namespace.kubectl();
        var process = kubectl.sandbox("exec", sandbox, "--detach", "--", "sh", "-c", "echo begun; sleep 1000")
                .orThrow()
                .stdout()
                .strip();
        assertThat(kubectl.sandbox("ps", sandbox).orThrow().stdout()).contains(process);
        assertThat(kubectl.sandbox("logs", sandbox, process).orThrow().stdout()).isEqualTo("begun\n");
        kubectl.sandbox("cancel", sandbox, process).orThrow();
        assertThat(kubectl.sandbox("logs", sandbox, process, "-f").stdout()).isEqualTo("begun\n");
        assertThat(kubectl.sandbox("ps", sandbox).orThrow().stdout()).contains("canceled");
    }
}
