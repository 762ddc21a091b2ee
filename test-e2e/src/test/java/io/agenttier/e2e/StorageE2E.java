package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.client.Kubectl;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The workspace of a sandbox: what it is made of, what it outlives, and how it grows. */
@Tag("e2e")
@Timeout(300)
@ExtendWith(ClusterExtension.class)
class StorageE2E {
    @Test
    void aLargerSizeRaisesTheClaimWhereTheClassLetsIt(TestNamespace namespace) {
        withClass(namespace, true, growing -> {
            var sandbox = namespace.ready("storage: {size: 64Mi, storageClass: %s}".formatted(growing));
            resize(namespace, sandbox, "96Mi").orThrow();
            Awaitility.await("the claim asks for more")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> claim(namespace, sandbox)
                            .at("/spec/resources/requests/storage")
                            .asText()
                            .equals("96Mi"));
            if (claim(namespace, sandbox)
                    .at("/status/capacity/storage")
                    .asText()
                    .equals("96Mi")) {
                awaitStorage(namespace, sandbox, "Bound", "bound");
            } else {
                awaitStorage(namespace, sandbox, "Expanding", "the volume has 64Mi and is to have 96Mi");
            }
            assertThat(namespace.sandbox(sandbox).at("/status/phase").asText()).isEqualTo("Running");
        });
    }

    @Test
    void aClassThatForbidsGrowthIsNamedAndTheSandboxRunsAndStartsOnWhatItHas(TestNamespace namespace) {
        withClass(namespace, false, fixed -> {
            var sandbox = namespace.ready("storage: {size: 64Mi, storageClass: %s}".formatted(fixed));
            Exec.json(namespace, sandbox, Map.of("script", "echo kept > kept"));
            resize(namespace, sandbox, "96Mi").orThrow();
            awaitStorage(namespace, sandbox, "ProvisioningFailed", "the volume does not grow to 96Mi");
            awaitStorage(namespace, sandbox, "ProvisioningFailed", "must support resize");
            assertThat(claim(namespace, sandbox)
                            .at("/spec/resources/requests/storage")
                            .asText())
                    .isEqualTo("64Mi");

            namespace.kubectl().sandbox("stop", sandbox).orThrow();
            namespace.awaitPhase(sandbox, "Stopped");
            namespace.kubectl().sandbox("resume", sandbox, "--wait").orThrow();
            assertThat(Exec.json(namespace, sandbox, "cat", "kept")
                            .get("stdout")
                            .asText())
                    .isEqualTo("kept\n");
            awaitStorage(namespace, sandbox, "ProvisioningFailed", "the volume does not grow to 96Mi");
        });
    }

    /** A class of its own with the provisioner of the cluster's default one. */
    private static void withClass(TestNamespace namespace, boolean expands, Consumer<String> test) {
        var name = (expands ? "growing-" : "fixed-") + namespace.name();
        var provisioner = namespace
                .cluster()
                .kubectl()
                .run(
                        "get",
                        "storageclass",
                        "-o",
                        "jsonpath={.items[?(@.metadata.annotations.storageclass\\.kubernetes\\.io/is-default-class==\"true\")].provisioner}")
                .orThrow()
                .stdout();
        namespace
                .kubectl()
                .with("""
                        apiVersion: storage.k8s.io/v1
                        kind: StorageClass
                        metadata: {name: %s}
                        provisioner: %s
                        volumeBindingMode: WaitForFirstConsumer
                        allowVolumeExpansion: %s
                        """.formatted(name, provisioner, expands))
                .run("apply", "-f", "-")
                .orThrow();
        try {
            test.accept(name);
        } finally {
            namespace.kubectl().run("delete", "storageclass", name).orThrow();
        }
    }

    @Test
    void nothingShrinksOrMovesAVolume(TestNamespace namespace) {
        var sandbox = namespace.ready("storage: {size: 64Mi}");
        assertThat(resize(namespace, sandbox, "32Mi").stderr()).contains("a volume can grow but not shrink");
        for (var change : new String[] {
            "{\"storageClass\": \"other\"}",
            "{\"mountPath\": \"/elsewhere\"}",
            "{\"shared\": true}",
            "{\"ephemeral\": true}"
        }) {
            assertThat(patch(namespace, sandbox, "{\"spec\": {\"storage\": " + change + "}}")
                            .code())
                    .as(change)
                    .isNotZero();
        }
    }

    @Test
    void anEphemeralWorkspaceEndsWithItsPodAndMakesNoClaim(TestNamespace namespace) {
        var sandbox = namespace.ready("storage: {ephemeral: true, size: 64Mi}");
        Exec.json(namespace, sandbox, Map.of("script", "echo gone > gone"));
        assertThat(namespace.kubectl().run("get", "pvc", sandbox + "-workspace").code())
                .isNotZero();
        assertThat(storage(namespace, sandbox).get("reason").asText()).isEqualTo("Ephemeral");
        namespace.kubectl().sandbox("stop", sandbox).orThrow();
        namespace.awaitPhase(sandbox, "Stopped");
        namespace.kubectl().sandbox("resume", sandbox, "--wait").orThrow();
        assertThat(Exec.json(namespace, sandbox, "cat", "gone").get("exitCode").asInt())
                .isEqualTo(1);
    }

    @Test
    void aSharedVolumeIsOfManyWritersAndGoesWithItsSandbox(TestNamespace namespace) {
        assumeThat(namespace
                        .cluster()
                        .kubectl()
                        .run("get", "storageclass", "shared")
                        .code())
                .as("the cluster has a class \"shared\"")
                .isZero();
        var sandbox = namespace.ready("storage: {size: 64Mi, storageClass: shared, shared: true}");
        assertThat(claim(namespace, sandbox).at("/spec/accessModes").toString()).isEqualTo("[\"ReadWriteMany\"]");
        var volume = claim(namespace, sandbox).at("/spec/volumeName").asText();
        namespace.kubectl().run("delete", "sandbox", sandbox, "--timeout=60s").orThrow();
        Awaitility.await("claim and volume go with their sandbox")
                .atMost(Duration.ofSeconds(60))
                .until(() -> namespace
                                        .kubectl()
                                        .run("get", "pvc", sandbox + "-workspace")
                                        .code()
                                != 0
                        && namespace
                                        .cluster()
                                        .kubectl()
                                        .run("get", "pv", volume)
                                        .code()
                                != 0);
    }

    @Test
    void aClassThatDoesNotExistIsTold(TestNamespace namespace) {
        var sandbox = namespace.apply("test-busybox", "storage: {size: 64Mi, storageClass: no-such-class}");
        Awaitility.await("the class is named")
                .atMost(Duration.ofSeconds(20))
                .until(() -> namespace
                        .sandbox(sandbox)
                        .at("/status/conditions")
                        .toString()
                        .contains("no-such-class"));
    }

    private static Kubectl.Outcome resize(TestNamespace namespace, String sandbox, String size) {
        return patch(namespace, sandbox, "{\"spec\": {\"storage\": {\"size\": \"" + size + "\"}}}");
    }

    private static Kubectl.Outcome patch(TestNamespace namespace, String sandbox, String body) {
        return namespace.kubectl().run("patch", "sandbox", sandbox, "--type=merge", "-p", body);
    }

    private static JsonNode claim(TestNamespace namespace, String sandbox) {
        return namespace
                .api()
                .get("/api/v1/namespaces/" + namespace.name() + "/persistentvolumeclaims/" + sandbox + "-workspace")
                .json();
    }

    private static JsonNode storage(TestNamespace namespace, String sandbox) {
        for (var condition : namespace.sandbox(sandbox).at("/status/conditions")) {
            if (condition.get("type").asText().equals("StorageReady")) return condition;
        }
        throw new AssertionError("no StorageReady in " + namespace.sandbox(sandbox));
    }

    private static void awaitStorage(TestNamespace namespace, String sandbox, String reason, String text) {
        Awaitility.await(reason + " of " + sandbox)
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> {
                    assertThat(storage(namespace, sandbox).get("reason").asText())
                            .isEqualTo(reason);
                    assertThat(storage(namespace, sandbox).get("message").asText())
                            .contains(text);
                });
    }
}
