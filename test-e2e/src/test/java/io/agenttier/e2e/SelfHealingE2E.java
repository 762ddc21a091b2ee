package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.NodeProcesses;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Faults of a cluster: each is named by a condition, and healed where it can be. */
@Tag("e2e")
@Timeout(120)
@ExtendWith(ClusterExtension.class)
class SelfHealingE2E {
    @Test
    void lostPodComesBackAfterTheWaitsOfTheSchedule(TestNamespace namespace) {
        var sandbox = namespace.ready();
        assertThat(waitAfterLoss(namespace, sandbox, 1)).isLessThanOrEqualTo(Duration.ofSeconds(10));
        namespace.awaitPhase(sandbox, "Running");
        namespace.awaitReady(sandbox);
        assertThat(waitAfterLoss(namespace, sandbox, 2)).isBetween(Duration.ofSeconds(11), Duration.ofSeconds(20));
    }

    /** Deletes the pod and gives the time that the sandbox then waits. */
    private static Duration waitAfterLoss(TestNamespace namespace, String sandbox, int restart) {
        namespace
                .kubectl()
                .run("delete", "pod", sandbox + "-pod", "--grace-period=0", "--force")
                .orThrow();
        awaitStatus(namespace, sandbox, "restart " + restart + " of 5");
        var status = namespace.sandbox(sandbox).get("status");
        assertThat(status.get("restartCount").asInt()).isEqualTo(restart);
        assertThat(condition(status, "PodReady").get("reason").asText()).isEqualTo("PodLost");
        return Duration.between(
                Instant.now(), Instant.parse(status.get("nextRetryTime").asText()));
    }

    @Test
    void evictedPodNamesItsEvictionRunsTheLastHookAndComesBackWithItsFiles(TestNamespace namespace) {
        var sandbox = namespace.ready("harness: {hooks: {onStop: \"echo saved | tee -a saved\"}}");
        var pod = "/api/v1/namespaces/" + namespace.name() + "/pods/" + sandbox + "-pod/eviction";
        var evicted = namespace
                .api()
                .post(
                        pod,
                        Map.of(
                                "apiVersion",
                                "policy/v1",
                                "kind",
                                "Eviction",
                                "metadata",
                                Map.of("name", sandbox + "-pod", "namespace", namespace.name())));
        assertThat(evicted.code()).as(evicted.text()).isEqualTo(201);
        awaitWithinTenSeconds(namespace, sandbox, "EvictionByEvictionAPI");
        namespace.awaitEvent(sandbox, "Restarting", "EvictionByEvictionAPI");
        namespace.awaitEvent(sandbox, "HookSucceeded", "hook onStop exited with code 0: saved");
        awaitRestarted(namespace, sandbox);
        assertThat(Exec.json(namespace, sandbox, "cat", "saved").get("stdout").asText())
                .isEqualTo("saved\n");
    }

    @Test
    void killedDaemonIsAFailureOfTheClusterAndIsRetried(TestNamespace namespace) {
        var sandbox = namespace.ready("harness: {command: [sleep, \"1000\"]}");
        NodeProcesses.signal("KILL", NodeProcesses.sandboxd(namespace.cluster(), podUid(namespace, sandbox)));
        awaitWithinTenSeconds(namespace, sandbox, "NoFinalRecord");
        namespace.awaitEvent(sandbox, "Restarting", "this is not the application's exit");
        awaitRestarted(namespace, sandbox);
    }

    @Test
    void containerThatRanOutOfMemoryAsAWholeIsNamedAndRetried(TestNamespace namespace) {
        var sandbox = namespace.ready();
        var sandboxd = NodeProcesses.sandboxd(namespace.cluster(), podUid(namespace, sandbox));
        Exec.json(namespace, sandbox, "tail", "/dev/zero");
        // with cgroup v2 the kernel has killed it too
        if (sandboxd.isAlive()) NodeProcesses.signal("KILL", sandboxd);
        awaitWithinTenSeconds(namespace, sandbox, "OOMKilled");
        namespace.awaitEvent(sandbox, "Restarting", "used more memory than its limit");
        awaitRestarted(namespace, sandbox);
    }

    @Test
    void failureOfTheApplicationIsNotRetriedAndCostsNoTry(TestNamespace namespace) {
        var sandbox = namespace.apply("test-busybox", "harness: {command: [sh, -c, \"exit 7\"]}");
        namespace.awaitPhase(sandbox, "Error");
        var status = namespace.sandbox(sandbox).get("status");
        assertThat(status.at("/stopped/reason").asText()).isEqualTo("ApplicationExited");
        assertThat(status.get("message").asText()).contains("7");
        assertThat(status.path("restartCount").asInt()).isZero();
        assertThat(status.has("nextRetryTime")).isFalse();
        namespace.awaitEvent(sandbox, "ApplicationError", "7");
        assertThat(namespace.events(sandbox, "Restarting")).isEmpty();
    }

    private static String podUid(TestNamespace namespace, String sandbox) {
        return namespace.sandbox(sandbox).at("/status/podUID").asText();
    }

    /** Kubernetes shows such a cause within a second or two; the sandbox has to show it within ten of that. */
    private static void awaitWithinTenSeconds(TestNamespace namespace, String sandbox, String cause) {
        Awaitility.await("\"" + cause + "\" in condition PodReady of " + sandbox)
                .atMost(Duration.ofSeconds(15))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> condition(namespace.sandbox(sandbox).get("status"), "PodReady")
                        .get("message")
                        .asText()
                        .contains(cause));
    }

    private static void awaitRestarted(TestNamespace namespace, String sandbox) {
        namespace.awaitPhase(sandbox, "Running");
        namespace.awaitReady(sandbox);
        assertThat(namespace.sandbox(sandbox).at("/status/restartCount").asInt())
                .isEqualTo(1);
        namespace.awaitEvent(sandbox, "AutoRestarted", "automatic restart 1 began");
    }

    @Test
    void imageThatCannotBePulledIsToldWithinTenSecondsAndHealsWithTheSpec(TestNamespace namespace) {
        var began = Instant.now();
        var sandbox = namespace.apply("no-such-image");
        awaitStatus(namespace, sandbox, "ImagePullFailed");
        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(10));
        assertThat(namespace.sandbox(sandbox).at("/status/message").asText()).contains("no-such-image");
        patch(namespace, sandbox, "{\"spec\":{\"image\":{\"repository\":\"localhost/agenttier/test-busybox:dev\"}}}");
        namespace.awaitReady(sandbox);
    }

    @Test
    void missingRuntimeClassIsToldAndHealsWhenItIsThere(TestNamespace namespace) {
        var name = "late-" + namespace.name();
        var sandbox = namespace.apply("test-busybox", "runtimeClass: " + name);
        awaitStatus(namespace, sandbox, "RuntimeClassMissing");
        namespace.kubectl().with("""
                        apiVersion: node.k8s.io/v1
                        kind: RuntimeClass
                        metadata: {name: %s}
                        handler: runc
                        """.formatted(name)).run("apply", "-f", "-").orThrow();
        try {
            namespace.awaitReady(sandbox);
        } finally {
            namespace.kubectl().run("delete", "runtimeclass", name).orThrow();
        }
    }

    @Test
    void exhaustedQuotaIsToldAndHealsWhenThereIsRoom(TestNamespace namespace) {
        namespace.kubectl().run("create", "quota", "none", "--hard=pods=0").orThrow();
        var sandbox = namespace.apply("test-busybox");
        try {
            awaitStatus(namespace, sandbox, "exceeded quota");
        } finally {
            namespace.kubectl().run("delete", "quota", "none").orThrow();
        }
        namespace.awaitReady(sandbox);
    }

    @Test
    void lostVolumeStaysLostUntilSomebodySaysThatANewOneWillDo(TestNamespace namespace) {
        var sandbox = namespace.ready();
        patch(namespace, sandbox, "{\"spec\":{\"powerState\":\"Stopped\"}}");
        namespace.awaitPhase(sandbox, "Stopped");
        namespace.kubectl().run("delete", "pvc", sandbox + "-workspace").orThrow();
        awaitStatus(namespace, sandbox, "VolumeLost");
        assertThat(namespace
                        .api()
                        .post(namespace.path(sandbox, "resume"), Map.of())
                        .code())
                .isEqualTo(200);
        namespace.awaitPhase(sandbox, "Creating");
        var ready = namespace.sandbox(sandbox).get("status");
        assertThat(condition(ready, "StorageReady").get("reason").asText()).isEqualTo("VolumeLost");
        var resume = namespace.api().post(namespace.path(sandbox, "resume"), Map.of("newVolume", true));
        assertThat(resume.code()).as(resume.text()).isEqualTo(200);
        namespace.awaitReady(sandbox);
    }

    private static void patch(TestNamespace namespace, String sandbox, String body) {
        namespace
                .kubectl()
                .run("patch", "sandbox", sandbox, "--type=merge", "-p", body)
                .orThrow();
    }

    private static JsonNode condition(JsonNode status, String type) {
        for (var condition : status.get("conditions")) {
            if (condition.get("type").asText().equals(type)) return condition;
        }
        throw new AssertionError("no condition " + type + " in " + status);
    }

    private static void awaitStatus(TestNamespace namespace, String sandbox, String text) {
        Awaitility.await("\"" + text + "\" in the status of " + sandbox)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(() ->
                        namespace.sandbox(sandbox).path("status").toString().contains(text));
    }
}
