package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a template prepares in a sandbox, and what runs there at its turns. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class HarnessE2E {
    private static final String TEMPLATE = """
            apiVersion: agenttier.io/v1alpha1
            kind: SandboxTemplate
            metadata: {name: whole}
            spec:
              image: {repository: "localhost/agenttier/test-busybox:dev", pullPolicy: IfNotPresent}
              resources: {requests: {cpu: 10m, memory: 32Mi}, limits: {cpu: "1", memory: 256Mi}}
              files:
                - {path: conf/app.txt, content: seeded, mode: 384}
                - {path: run.sh, content: "echo ran", mode: 493}
              initScripts: ["cat conf/app.txt > from-script"]
              harness:
                systemPrompt: {content: Be brief.}
                skills: [{name: review.md, content: {content: How to review.}}]
                tools:
                  - {name: sh, verifyCommand: "sh -c true"}
                  - {name: made, version: "7", verifyCommand: 'grep -x "$TOOL_VERSION" made', installCommand: 'echo "$TOOL_VERSION" > made'}
                  - {name: nothing, verifyCommand: "no-such-tool --version"}
                hooks:
                  onStart: echo start >> hooks
                  onResume: echo resume >> hooks; cat .agenttier/system-prompt.md
                  onStop: echo stop >> hooks
            """;

    @Test
    void aTemplatePreparesFilesToolsAndHooksAndResumeKeepsWhatPeopleEdited(TestNamespace namespace) {
        namespace.kubectl().with(TEMPLATE).run("apply", "-f", "-").orThrow();
        namespace.kubectl().with("""
                        apiVersion: agenttier.io/v1alpha1
                        kind: Sandbox
                        metadata: {name: whole}
                        spec: {templateRef: {kind: SandboxTemplate, name: whole}}
                        """).run("apply", "-f", "-").orThrow();
        namespace.awaitReady("whole");
        assertThat(output(namespace, "whole", """
                        cat from-script .agenttier/system-prompt.md .agenttier/skills/review.md made; ./run.sh
                        stat -c %a conf/app.txt run.sh .agenttier/system-prompt.md""")).isEqualTo("seededBe brief.How to review.7\nran\n600\n755\n644\n");
        namespace.awaitEvent("whole", "HookSucceeded", "hook onStart exited with code 0");
        namespace.awaitEvent("whole", "ToolVerificationFailed", "tool nothing: verify exited with code 127");
        assertThat(readyMessage(namespace, "whole"))
                .contains("tool nothing is not there")
                .doesNotContain("tool made");
        assertThat(output(namespace, "whole", "cat hooks")).isEqualTo("start\n");

        output(namespace, "whole", "echo mine > conf/app.txt; echo mine > .agenttier/system-prompt.md");
        namespace.kubectl().sandbox("stop", "whole").orThrow();
        namespace.awaitPhase("whole", "Stopped");
        namespace.awaitEvent("whole", "HookSucceeded", "hook onStop exited with code 0");
        namespace.kubectl().sandbox("resume", "whole", "--wait").orThrow();
        namespace.awaitEvent("whole", "HookSucceeded", "hook onResume exited with code 0: Be brief.");
        assertThat(output(namespace, "whole", "cat conf/app.txt hooks")).isEqualTo("mine\nstart\nstop\nresume\n");
    }

    @Test
    void aFailedHookIsAnEventAndNothingMore(TestNamespace namespace) {
        var sandbox = namespace.ready("harness: {hooks: {onStart: \"echo no disk; exit 3\"}}");
        namespace.awaitEvent(sandbox, "HookFailed", "hook onStart exited with code 3: no disk");
        assertThat(namespace.sandbox(sandbox).at("/status/phase").asText()).isEqualTo("Running");
        assertThat(namespace
                        .sandbox(sandbox)
                        .at("/status/harness/hooks/0/outcome")
                        .asText())
                .isEqualTo("Failed");
    }

    @Test
    void aHookThatHangsDelaysAStopByItsLimit(TestNamespace namespace) {
        var sandbox = namespace.ready(
                "harness: {hooks: {onStop: \"trap '' TERM; echo hangs; sleep 1000 & wait; sleep 1000\"}}");
        namespace
                .kubectl()
                .run("patch", "sandbox", sandbox, "--type=merge", "-p", "{\"spec\":{\"powerState\":\"Stopped\"}}")
                .orThrow();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> readyMessage(namespace, sandbox).startsWith("the hook onStop runs"));
        namespace.awaitPhase(sandbox, "Stopped");
        namespace.awaitEvent(sandbox, "HookTimedOut", "hook onStop");
    }

    @Test
    void anIdleStopRunsOnIdleWhenItIsAnnouncedAndOnStopBeforeThePodGoes(TestNamespace namespace) {
        var sandbox = namespace.ready("idleTimeout: 8s", "harness: {hooks: {onIdle: echo quiet, onStop: echo last}}");
        namespace.awaitPhase(sandbox, "Stopped");
        assertThat(namespace.sandbox(sandbox).at("/status/stopped/reason").asText())
                .isEqualTo("IdleTimeout");
        namespace.awaitEvent(sandbox, "HookSucceeded", "hook onIdle exited with code 0: quiet");
        namespace.awaitEvent(sandbox, "HookSucceeded", "hook onStop exited with code 0: last");
    }

    @Test
    void onStopRunsAtEveryOtherStopByTheClockToo(TestNamespace namespace) {
        var atTimeout = namespace.apply("test-busybox", "timeout: 8s", "harness: {hooks: {onStop: echo last}}");
        var atShutdown = namespace.apply(
                "test-busybox",
                "shutdownTime: \"" + Instant.now().plusSeconds(10) + "\"",
                "harness: {hooks: {onStop: echo last}}");
        var exited = namespace.apply("test-busybox", "harness: {command: [sleep, \"1\"], hooks: {onStop: echo last}}");
        for (var sandbox : List.of(atTimeout, atShutdown, exited)) {
            namespace.awaitEvent(sandbox, "HookSucceeded", "hook onStop exited with code 0: last");
            namespace.awaitPhase(sandbox, "Stopped");
        }
    }

    @Test
    void aDeletedSandboxRunsOnStopAndGoesWhateverTheHookDoes(TestNamespace namespace) {
        var good = namespace.ready("harness: {hooks: {onStop: echo last}}");
        var hangs = namespace.ready("harness: {hooks: {onStop: \"trap '' TERM; while :; do sleep 1; done\"}}");
        var never = namespace.apply("no-such-image", "harness: {hooks: {onStop: echo last}}");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> readyMessage(namespace, never).contains("no-such-image"));
        namespace
                .kubectl()
                .run("delete", "sandbox", good, hangs, never, "--timeout=20s")
                .orThrow();
        namespace.awaitEvent(good, "HookSucceeded", "hook onStop exited with code 0: last");
        awaitNoPod(namespace, good, 20);
        awaitNoPod(namespace, never, 20);
        awaitNoPod(namespace, hangs, 60);
        namespace.awaitEvent(hangs, "HookTimedOut", "hook onStop was stopped at its time limit");
    }

    private static void awaitNoPod(TestNamespace namespace, String sandbox, int seconds) {
        namespace
                .kubectl()
                .run("wait", "--for=delete", "pod/" + sandbox + "-pod", "--timeout=" + seconds + "s")
                .orThrow();
    }

    @Test
    void anInitScriptThatFailsSaysWhatItSaid(TestNamespace namespace) {
        namespace.kubectl().with("""
                        apiVersion: agenttier.io/v1alpha1
                        kind: SandboxTemplate
                        metadata: {name: broken}
                        spec:
                          image: {repository: "localhost/agenttier/test-busybox:dev", pullPolicy: IfNotPresent}
                          initScripts: ["true", "echo the mirror is down >&2; exit 9"]
                        ---
                        apiVersion: agenttier.io/v1alpha1
                        kind: Sandbox
                        metadata: {name: broken}
                        spec: {templateRef: {kind: SandboxTemplate, name: broken}}
                        """).run("apply", "-f", "-").orThrow();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(namespace
                                .sandbox("broken")
                                .at("/status/conditions")
                                .toString())
                        .contains("InitScriptFailed")
                        .contains("init script 2: exited with code 9")
                        .contains("the mirror is down"));
    }

    @Test
    void aToolNeedsNoShellToBeMissing(TestNamespace namespace) {
        var sandbox = namespace.apply("test-static", "harness: {tools: [{name: git, verifyCommand: git --version}]}");
        namespace.awaitReady(sandbox);
        namespace.awaitEvent(sandbox, "ToolVerificationFailed", "tool git: verify not started");
    }

    @Test
    void constraintsRefuseCallsAndLeaveTheHarnessAlone(TestNamespace namespace) {
        var sandbox = namespace.ready("""
                harness: {hooks: {onStart: "mkdir private; echo hook > private/note"}, constraints: {maxFileSize: "4", \
                maxCommandTimeout: 1m, restrictedCommands: [wget], restrictedPaths: [private]}}""");
        namespace.awaitEvent(sandbox, "HookSucceeded", "hook onStart");
        refused(namespace, sandbox, Map.of("command", new String[] {"wget", "example.test"}), "restrictedCommands");
        refused(namespace, sandbox, Map.of("command", new String[] {"ls"}, "timeoutSeconds", 61), "maxCommandTimeout");
        refused(namespace, sandbox, Map.of("command", new String[] {"ls"}, "workingDir", "private"), "restrictedPaths");
        var read = namespace.api().get(namespace.path(sandbox, "files?path=private/note"));
        assertThat(read.code()).as(read.text()).isEqualTo(403);
        assertThat(read.json().get("message").asText()).contains("harness.constraints.restrictedPaths");
        assertThat(output(namespace, sandbox, "cat private/note")).isEqualTo("hook\n");
    }

    private static void refused(TestNamespace namespace, String sandbox, Map<String, Object> exec, String by) {
        var answer = namespace.api().post(namespace.path(sandbox, "exec"), exec);
        assertThat(answer.code()).as(answer.text()).isEqualTo(403);
        assertThat(answer.json().get("message").asText()).contains("harness.constraints." + by);
    }

    private static String output(TestNamespace namespace, String sandbox, String script) {
        return Exec.json(namespace, sandbox, Map.of("script", script))
                .get("stdout")
                .asText();
    }

    private static String readyMessage(TestNamespace namespace, String sandbox) {
        return namespace.sandbox(sandbox).at("/status/message").asText();
    }
}
