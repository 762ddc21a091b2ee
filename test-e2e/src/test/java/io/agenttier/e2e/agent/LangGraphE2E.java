package io.agenttier.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The agents of {@code docs/examples/agent} in the image of template {@code langgraph-agent}, by the plugin as a reader of the docs uses it. */
@Tag("langgraph")
@ExtendWith(ClusterExtension.class)
class LangGraphE2E {
    @Test
    void remembersOverCallsStopAndResume(TestNamespace namespace) {
        var name = agent(namespace, "agent.py");
        assertThat(invoke(namespace, name, "remember milk")).isEqualTo("prompt 1: I keep in mind: milk\n");
        assertThat(invoke(namespace, name, "remember bread")).isEqualTo("prompt 2: I keep in mind: bread\n");
        assertThat(invoke(namespace, name, "recall")).isEqualTo("prompt 3: I know 2: milk, bread\n");
        namespace.kubectl().sandbox("stop", name).orThrow();
        namespace.awaitPhase(name, "Stopped");
        namespace.kubectl().sandbox("resume", name).orThrow();
        namespace.awaitReady(name);
        assertThat(invoke(namespace, name, "recall")).isEqualTo("prompt 4: I know 2: milk, bread\n");
    }

    @Test
    void aLoopInPlainPythonDoesToo(TestNamespace namespace) {
        var name = agent(namespace, "loop.py");
        assertThat(invoke(namespace, name, "add 1 2 3")).isEqualTo("call 1: 6 added, 6 in all\n");
        assertThat(invoke(namespace, name, "add 4")).isEqualTo("call 2: 4 added, 10 in all\n");
    }

    private static String agent(TestNamespace namespace, String program) {
        var name = namespace.freshName();
        namespace.kubectl().with("""
                        apiVersion: agenttier.io/v1alpha1
                        kind: Sandbox
                        metadata: {name: %s}
                        spec:
                          templateRef: {kind: ClusterSandboxTemplate, name: langgraph-agent}
                          mode: agent
                          storage: {size: 1Gi}
                        """.formatted(name)).run("apply", "-f", "-").orThrow();
        namespace.awaitReady(name);
        var arguments = List.of(
                "configure",
                name,
                "--file",
                "/workspace/" + program + "=docs/examples/agent/" + program,
                "--entrypoint",
                "python /workspace/" + program);
        namespace.kubectl().sandbox(arguments.toArray(String[]::new)).orThrow();
        return name;
    }

    private static String invoke(TestNamespace namespace, String name, String prompt) {
        return namespace
                .kubectl()
                .sandbox("invoke", name, "--input", prompt)
                .orThrow()
                .stdout();
    }
}
