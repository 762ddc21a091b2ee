package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Kubectl;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    void explainsToWhoeverMayReadTheSandboxWhereItsValuesComeFrom(TestNamespace namespace) {
        var kubectl = namespace.kubectl();
        kubectl.with("""
                        apiVersion: agenttier.io/v1alpha1
                        kind: SandboxTemplate
                        metadata: {name: explained}
                        spec: {inheritsFrom: {kind: ClusterSandboxTemplate, name: minimal-shell}, env: [{name: A, value: b}]}
                        ---
                        apiVersion: agenttier.io/v1alpha1
                        kind: Sandbox
                        metadata: {name: explained}
                        spec: {templateRef: {name: explained}, powerState: Stopped}
                        """).run("apply", "-f", "-").orThrow();
        var explained = kubectl.sandbox("explain", "explained").orThrow();
        assertThat(explained.stderr()).isEmpty();
        assertThat(explained.stdout())
                .containsPattern("spec.env\\[A] +.*SandboxTemplate %s/explained\n".formatted(namespace.name()))
                .containsPattern("spec.image.repository .* ClusterSandboxTemplate minimal-shell\n")
                .containsPattern("spec.timeout +8h +cluster default\n");

        var reader = namespace.name() + "-reader";
        kubectl.run(
                        "create",
                        "role",
                        "reader",
                        "--verb=get",
                        "--resource=sandboxes.agenttier.io,sandboxtemplates.agenttier.io")
                .orThrow();
        kubectl.run("create", "rolebinding", "reader", "--role=reader", "--user=" + reader)
                .orThrow();
        var closed = kubectl.as(reader).sandbox("explain", "explained");
        assertThat(closed.code()).isEqualTo(1);
        assertThat(closed.stderr())
                .contains("ClusterSandboxTemplate \"minimal-shell\" is part of the answer, and you may not read it");
        kubectl.with("""
                        apiVersion: agenttier.io/v1alpha1
                        kind: SandboxTemplate
                        metadata: {name: explained}
                        spec: {image: {repository: x}}
                        """).run("replace", "-f", "-").orThrow();
        var open = kubectl.as(reader).sandbox("explain", "explained").orThrow();
        assertThat(open.stderr())
                .as("the defaults of the cluster are for all to read")
                .isEmpty();
        assertThat(open.stdout()).containsPattern("spec.timeout +8h +cluster default\n");
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

    /** Every name below a folder with type, permissions, seconds of modification, and the hash of its content, names in hex; one a line. */
    private static final String LISTING = """
            export LC_ALL=C
            cd "$1" && find . -print0 | sort -z | xargs -0 -n 1 sh -euc '
                printf "%s " "$(stat -c "%F %a %Y" "$1")"
                [ ! -f "$1" ] || sha256sum <"$1" | cut -c1-64 | tr -d "\\n"
                printf " %s" "$1" | od -An -v -tx1 | tr -d " \\n"
                echo' sh
            """;

    private static final String ODD_TREE = """
            umask 022 && mkdir -p "$1/deep/er" "$1/empty" "$1/closed" && cd "$1"
            printf x >-dash; printf y >'two
            lines'; printf z >'ü ✓'; printf '' >'back\\slash'; printf '#!/bin/sh\\n' >'a b&c=d?e#f%20'
            head -c 20000000 /dev/urandom >deep/er/large
            printf closed >closed/file
            chmod 0755 'a b&c=d?e#f%20'; chmod 0600 ./-dash; chmod 0444 'ü ✓'; chmod 0640 deep/er/large
            touch -d 2001-02-03T04:05:06.789Z ./-dash 'two
            lines' 'ü ✓' deep/er/large; touch -d 1999-12-31T23:59:59Z empty deep/er closed
            chmod 0711 empty; chmod 0750 deep; chmod 0500 closed; touch -d 1998-01-01T00:00:00Z deep .
            """;

    private static String bash(String script, Path folder) {
        return Command.run(
                        List.of("bash", "-euc", script, "bash", folder.toString()),
                        Map.of("LC_ALL", "C.UTF-8"),
                        new byte[0])
                .orThrow()
                .stdout();
    }

    @Test
    void roundTripsATreeWithModesTimesAndOddNames(TestNamespace namespace, @TempDir Path folder) {
        var sandbox = namespace.ready();
        var tree = folder.resolve("tree");
        bash(ODD_TREE, tree);
        var before = bash(LISTING, tree);
        assertThat(before.lines()).hasSize(12);
        namespace.kubectl().sandbox("cp", tree.toString(), sandbox + ":there").orThrow();
        assertThat(namespace
                        .kubectl()
                        .sandbox("exec", sandbox, "--", "sh", "-euc", LISTING, "sh", "there")
                        .orThrow()
                        .stdout())
                .isEqualTo(before);
        namespace
                .kubectl()
                .sandbox("cp", sandbox + ":there", folder.resolve("back").toString())
                .orThrow();
        assertThat(bash(LISTING, folder.resolve("back"))).isEqualTo(before);
        bash("chmod -R u+w \"$1\"", folder);
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
