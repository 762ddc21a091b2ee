package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Kubectl;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

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
                        java.nio.file.Path.of("build/bin").toAbsolutePath() + ":/usr/bin:/bin"))
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
}
