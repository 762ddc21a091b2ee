package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A sandbox from its creation over stop and resume to its end. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class LifecycleE2E {
    @Test
    void keepsItsFilesOverStopAndResume(TestNamespace namespace) {
        var sandbox = namespace.ready();
        var before = namespace.sandbox(sandbox).get("status");
        assertThat(before.get("phase").asText()).isEqualTo("Running");
        assertThat(before.get("podName").asText()).isEqualTo(sandbox + "-pod");
        assertThat(before.get("startupDurationMs").asLong()).isPositive();
        assertThat(Exec.json(namespace, sandbox, Map.of("script", "echo kept > notes; echo lost > /tmp/scratch"))
                        .get("exitCode")
                        .asInt())
                .isZero();

        var stop = namespace.api().post(namespace.path(sandbox, "stop"), Map.of());
        assertThat(stop.code()).as(stop.text()).isEqualTo(200);
        assertThat(stop.json().get("status").asText()).isEqualTo("stopping");
        namespace.awaitPhase(sandbox, "Stopped");
        assertThat(namespace
                        .kubectl()
                        .run("get", "pods,secrets", "-l", "agenttier.io/sandbox=" + sandbox, "-o", "name")
                        .stdout())
                .isEmpty();
        var stopped = namespace.sandbox(sandbox).at("/status/stopped");
        assertThat(stopped.get("reason").asText()).isEqualTo("Requested");
        assertThat(stopped.get("by").asText()).isNotBlank();

        var refused = namespace.api().post(namespace.path(sandbox, "exec"), Map.of("script", "true"));
        assertThat(refused.code()).isEqualTo(409);
        assertThat(refused.json().get("message").asText()).contains("Stopped").contains("resume");

        var resume = namespace.api().post(namespace.path(sandbox, "resume"), Map.of());
        assertThat(resume.code()).as(resume.text()).isEqualTo(200);
        namespace.awaitReady(sandbox);
        namespace.awaitPhase(sandbox, "Running");
        assertThat(Exec.json(namespace, sandbox, "cat", "notes").get("stdout").asText())
                .isEqualTo("kept\n");
        assertThat(Exec.json(namespace, sandbox, "cat", "/tmp/scratch")
                        .get("exitCode")
                        .asInt())
                .isEqualTo(1);
        assertThat(namespace.sandbox(sandbox).at("/status/incarnation").asText())
                .isNotEqualTo(before.get("incarnation").asText());
    }

    @Test
    void aHandleOfAnEarlierPodIsGoneNotUnknown(TestNamespace namespace) {
        var sandbox = namespace.ready();
        var process = Exec.json(namespace, sandbox, "true").get("process").asText();
        namespace
                .kubectl()
                .run("patch", "sandbox", sandbox, "--type=merge", "-p", "{\"spec\":{\"powerState\":\"Stopped\"}}")
                .orThrow();
        namespace.awaitPhase(sandbox, "Stopped");
        var whileStopped = namespace.api().get(namespace.path(sandbox, "log?process=" + process));
        assertThat(whileStopped.code()).as(whileStopped.text()).isEqualTo(410);
        namespace.kubectl().sandbox("resume", sandbox, "--wait").orThrow();
        var afterwards = namespace.api().get(namespace.path(sandbox, "log?process=" + process));
        assertThat(afterwards.code()).as(afterwards.text()).isEqualTo(410);
        assertThat(afterwards.json().get("reason").asText()).isEqualTo("Gone");
    }

    @Test
    void recoversFromALostPod(TestNamespace namespace) {
        var sandbox = namespace.ready();
        Exec.json(namespace, sandbox, Map.of("script", "echo here > file"));
        var uid = namespace.sandbox(sandbox).at("/status/podUID").asText();
        namespace
                .kubectl()
                .run("delete", "pod", sandbox + "-pod", "--grace-period=0", "--force")
                .orThrow();
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    var status = namespace.sandbox(sandbox).get("status");
                    return !status.path("podUID").asText().equals(uid)
                            && status.path("phase").asText().equals("Running");
                });
        namespace.awaitReady(sandbox);
        assertThat(Exec.json(namespace, sandbox, "cat", "file").get("stdout").asText())
                .isEqualTo("here\n");
    }

    @Test
    void anApplicationsExitIsFinalAndTold(TestNamespace namespace) {
        var sandbox = namespace.apply("test-busybox", "harness: {command: [sh, -c, \"sleep 2; exit 3\"]}");
        namespace.awaitPhase(sandbox, "Error");
        var conditions = namespace.sandbox(sandbox).at("/status/conditions").toString();
        assertThat(conditions).contains("ApplicationExited").contains("3");
    }

    @Test
    void anApplicationThatEndsWellStops(TestNamespace namespace) {
        var sandbox = namespace.apply("test-busybox", "harness: {command: [sh, -c, \"sleep 1\"]}");
        namespace.awaitPhase(sandbox, "Stopped");
        assertThat(namespace.sandbox(sandbox).at("/spec/powerState").asText()).isEqualTo("Stopped");
        assertThat(namespace.sandbox(sandbox).at("/status/stopped/reason").asText())
                .isEqualTo("ApplicationExited");
    }

    @Test
    void seedsFilesAndScriptsBeforeItIsReady(TestNamespace namespace) {
        var sandbox = namespace.ready("files: [{path: conf/app.txt, content: seeded, mode: 384}]");
        assertThat(Exec.json(namespace, sandbox, Map.of("script", "cat conf/app.txt; stat -c %a conf/app.txt"))
                        .get("stdout")
                        .asText())
                .isEqualTo("seeded600\n");
    }

    @Test
    void deletesWhatItMade(TestNamespace namespace) {
        var sandbox = namespace.ready();
        namespace.kubectl().run("delete", "sandbox", sandbox, "--timeout=60s").orThrow();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(namespace
                                .kubectl()
                                .run(
                                        "get",
                                        "pods,pvc,secrets,serviceaccounts,networkpolicies",
                                        "-l",
                                        "agenttier.io/sandbox=" + sandbox,
                                        "-o",
                                        "name")
                                .stdout())
                        .isEmpty());
    }

    @Test
    void saysWhichFieldIsNotSupportedYet(TestNamespace namespace) {
        var sandbox = namespace.apply("test-busybox", "cloneFromSnapshot: s");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(namespace
                                .sandbox(sandbox)
                                .at("/status/conditions")
                                .toString())
                        .contains("NotSupported")
                        .contains("cloneFromSnapshot"));
        assertThat(namespace.pods(sandbox)).isEmpty();
    }

    @Test
    void saysWhichTemplateIsMissing(TestNamespace namespace) {
        namespace.kubectl().with("""
                        apiVersion: agenttier.io/v1alpha1
                        kind: Sandbox
                        metadata: {name: untemplated}
                        spec: {templateRef: {kind: ClusterSandboxTemplate, name: no-such-template}}
                        """).run("apply", "-f", "-").orThrow();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(namespace
                                .sandbox("untemplated")
                                .at("/status/conditions")
                                .toString())
                        .contains("TemplateNotFound")
                        .contains("no-such-template"));
    }
}
