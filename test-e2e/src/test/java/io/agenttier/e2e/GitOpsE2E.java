package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.Kubectl;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Manifests in a repository own what they say, and nothing else. */
@Tag("e2e")
@Timeout(180)
@ExtendWith(ClusterExtension.class)
class GitOpsE2E {
    private static final String MANAGER = "--field-manager=gitops";

    @Test
    void folderOfTheDocsAppliedTwiceChangesNothing(TestNamespace namespace, @TempDir Path folder) throws IOException {
        var overlay = GitOpsFolder.copy(folder, namespace.name()).toString();
        namespace
                .kubectl()
                .run("apply", "--server-side", MANAGER, "-k", overlay)
                .orThrow();
        wait(namespace, "condition=Ready", "sandbox/review", "sandbox/build");
        wait(namespace, "jsonpath={.status.phase}=Running", "sandbox/review", "sandbox/build");
        wait(namespace, "jsonpath={.status.phase}=Stopped", "sandbox/archive");
        var before = namespace.sandbox("review");
        assertThat(before.at("/spec/createdBy/sub").asText())
                .as("written by admission, not by the manifest")
                .isNotEmpty();

        assertEmpty(namespace.kubectl().run("diff", "--server-side", MANAGER, "-k", overlay));
        namespace
                .kubectl()
                .run("apply", "--server-side", MANAGER, "-k", overlay)
                .orThrow();
        assertEmpty(namespace.kubectl().run("diff", "--server-side", MANAGER, "-k", overlay));
        var after = namespace.sandbox("review");
        assertThat(after.at("/metadata/generation")).isEqualTo(before.at("/metadata/generation"));
        assertThat(after.get("spec")).isEqualTo(before.get("spec"));
        assertThat(after.at("/status/incarnation")).isEqualTo(before.at("/status/incarnation"));
    }

    @Test
    void stopsAndResumesNeverTouchAManifestWithoutPowerState(TestNamespace namespace) {
        var sandbox = namespace.freshName();
        var manifest = manifest(sandbox, "idleTimeout: 8s");
        apply(namespace, manifest).orThrow();
        namespace.awaitReady(sandbox);

        namespace.awaitPhase(sandbox, "Stopped");
        assertThat(namespace.sandbox(sandbox).at("/status/stopped/reason").asText())
                .isEqualTo("IdleTimeout");
        assertPowerIsOwnedByTheProductAlone(namespace, sandbox);
        assertNoDiff(namespace, manifest);
        apply(namespace, manifest).orThrow();
        assertThat(namespace.sandbox(sandbox).at("/spec/powerState").asText())
                .as("a sync does not start it")
                .isEqualTo("Stopped");

        namespace.api().post(namespace.path(sandbox, "resume"), Map.of());
        namespace.awaitReady(sandbox);
        assertNoDiff(namespace, manifest);
        namespace.api().post(namespace.path(sandbox, "stop"), Map.of());
        namespace.awaitPhase(sandbox, "Stopped");
        assertPowerIsOwnedByTheProductAlone(namespace, sandbox);
        assertNoDiff(namespace, manifest);
    }

    @Test
    void clientSideApplyKeepsAStopToo(TestNamespace namespace) {
        var sandbox = namespace.freshName();
        var kubectl = namespace.kubectl().with(manifest(sandbox));
        kubectl.run("apply", "-f", "-").orThrow();
        namespace.awaitReady(sandbox);
        namespace.api().post(namespace.path(sandbox, "stop"), Map.of());
        namespace.awaitPhase(sandbox, "Stopped");
        var diff = kubectl.run("diff", "-f", "-");
        assertThat(diff.code()).as(diff.toString()).isZero();
        assertThat(kubectl.run("apply", "-f", "-").orThrow().stdout()).contains("unchanged");
        assertThat(namespace.sandbox(sandbox).at("/status/phase").asText()).isEqualTo("Stopped");
    }

    @Test
    void manifestWithPowerStateLearnsOfAStopAndMayUndoIt(TestNamespace namespace) {
        var sandbox = namespace.freshName();
        var manifest = manifest(sandbox, "powerState: Running");
        apply(namespace, manifest).orThrow();
        namespace.awaitReady(sandbox);
        namespace.api().post(namespace.path(sandbox, "stop"), Map.of());
        namespace.awaitPhase(sandbox, "Stopped");

        var conflict = apply(namespace, manifest);
        assertThat(conflict.code()).as(conflict.toString()).isEqualTo(1);
        assertThat(conflict.stderr()).contains("agenttier-power").contains(".spec.powerState");
        apply(namespace, manifest, "--force-conflicts").orThrow();
        namespace.awaitReady(sandbox);

        apply(namespace, manifest(sandbox, "powerState: Stopped")).orThrow();
        namespace.awaitPhase(sandbox, "Stopped");
    }

    @Test
    void sandboxTakenOutOfTheFolderIsPruned(TestNamespace namespace, @TempDir Path folder) throws IOException {
        var kubectl = namespace.kubectl().withVariable("KUBECTL_APPLYSET", "true");
        Files.writeString(folder.resolve("kept.yaml"), manifest("kept", "powerState: Stopped"));
        var extra = Files.writeString(folder.resolve("extra.yaml"), manifest("extra", "powerState: Stopped"));
        var prune = new String[] {
            "apply", "--server-side", MANAGER, "--prune", "--applyset=configmaps/team", "-f", folder.toString()
        };
        kubectl.run(prune).orThrow();
        namespace.awaitPhase("extra", "Stopped");
        Files.delete(extra);
        assertThat(kubectl.run(prune).orThrow().stdout()).contains("sandbox.agenttier.io/extra pruned");
        wait(namespace, "delete", "sandbox/extra");
        assertThat(namespace.sandbox("kept").at("/metadata/name").asText()).isEqualTo("kept");
    }

    @Test
    void sandboxIsPrunedByLabelAndAllowlistToo(TestNamespace namespace) {
        var labels = "labels: {team: green}\n  name: ";
        var first = manifest("first", "powerState: Stopped").replace("name: ", labels);
        var second = manifest("second", "powerState: Stopped").replace("name: ", labels);
        var prune = new String[] {
            "apply", "--prune", "-l", "team=green", "--prune-allowlist=agenttier.io/v1alpha1/Sandbox", "-f", "-"
        };
        namespace.kubectl().with(first + "---\n" + second).run(prune).orThrow();
        assertThat(namespace.kubectl().with(first).run(prune).orThrow().stdout())
                .contains("sandbox.agenttier.io/second pruned");
        wait(namespace, "delete", "sandbox/second");
    }

    private static String manifest(String name, String... specLines) {
        var lines = new StringBuilder();
        for (var line : specLines) lines.append("  ").append(line).append('\n');
        return """
                apiVersion: agenttier.io/v1alpha1
                kind: Sandbox
                metadata:
                  name: %s
                spec:
                  image: {repository: "localhost/agenttier/test-busybox:dev", pullPolicy: IfNotPresent}
                  resources: {requests: {cpu: 10m, memory: 32Mi}, limits: {cpu: "1", memory: 256Mi}}
                %s""".formatted(name, lines);
    }

    private static Kubectl.Outcome apply(TestNamespace namespace, String manifest, String... flags) {
        var command = Stream.concat(Stream.of("apply", "--server-side", MANAGER, "-f", "-"), Stream.of(flags));
        return namespace.kubectl().with(manifest).run(command.toArray(String[]::new));
    }

    private static void wait(TestNamespace namespace, String what, String... objects) {
        var command = Stream.concat(Stream.of("wait", "--for=" + what, "--timeout=90s"), Stream.of(objects));
        namespace
                .kubectl()
                .run(command.toArray(String[]::new))
                .orThrow(() -> namespace
                        .kubectl()
                        .run("get", "sandbox,pod,event", "-o", "wide")
                        .toString());
    }

    private static void assertNoDiff(TestNamespace namespace, String manifest) {
        assertEmpty(namespace.kubectl().with(manifest).run("diff", "--server-side", MANAGER, "-f", "-"));
    }

    /** kubectl diff ends with 0 for no difference, 1 for one. */
    private static void assertEmpty(Kubectl.Outcome diff) {
        assertThat(diff.code()).as(diff.toString()).isZero();
        assertThat(diff.stdout()).isEmpty();
    }

    private static void assertPowerIsOwnedByTheProductAlone(TestNamespace namespace, String sandbox) {
        var managers = StreamSupport.stream(
                        namespace.sandbox(sandbox).at("/metadata/managedFields").spliterator(), false)
                .filter(entry -> entry.at("/fieldsV1/f:spec").has("f:powerState"))
                .map(entry -> entry.get("manager"))
                .map(JsonNode::asText);
        assertThat(managers).containsExactly("agenttier-power");
    }
}
