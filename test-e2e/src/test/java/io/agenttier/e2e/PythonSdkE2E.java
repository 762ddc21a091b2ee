package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.TestNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The Python SDK on a real cluster; what it asserts is in its scripts. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class PythonSdkE2E {
    private static final String UNCHANGED = "0 bytes lost or doubled";

    @Test
    void takesASandboxThroughItsLife(TestNamespace namespace) {
        assertThat(python(namespace, "slice.py")).endsWith("terminated\n");
    }

    @Test
    void configuresAnAgentOnceAndInvokesIt(TestNamespace namespace) {
        assertThat(python(namespace, "agent.py")).endsWith("done\n");
    }

    @Test
    void losesAndDoublesNothingOverConnectionsThatBreak(TestNamespace namespace) {
        assertThat(python(namespace, "cuts.py", "--commands", "40"))
                .contains(UNCHANGED)
                .endsWith("done\n");
    }

    @Test
    void sendsAndReceivesInputOfAnySizeUnchanged(TestNamespace namespace) {
        assertThat(python(namespace, "stdin.py")).contains(UNCHANGED).endsWith("done\n");
    }

    @Test
    void sendsInputUnchangedOverConnectionsThatBreak(TestNamespace namespace) {
        assertThat(python(namespace, "stdin.py", "--size", "16777216", "--breaks"))
                .contains(UNCHANGED)
                .endsWith("done\n");
    }

    @Test
    void bringsPortsOfASandboxToThisMachine(TestNamespace namespace) {
        var sandbox = namespace.apply("test-static");
        namespace.awaitReady(sandbox);
        assertThat(python(namespace, "tunnel.py", List.of(sandbox)))
                .contains("sync: " + UNCHANGED, "async: " + UNCHANGED)
                .endsWith("done\n");
    }

    @Test
    @Tag("disruptive")
    void sendsInputUnchangedWhenEveryReplicaDiesOnTheWay(TestNamespace namespace) {
        try {
            assertThat(python(namespace, "stdin.py", "--size", "33554432", "--kill", "agenttier"))
                    .contains(UNCHANGED)
                    .contains("replicas killed")
                    .endsWith("done\n");
        } finally {
            namespace.cluster().awaitApiserver();
        }
    }

    /** Runs a script that makes a sandbox of its own. */
    private static String python(TestNamespace namespace, String script, String... arguments) {
        var all = new ArrayList<>(List.of("minimal-shell"));
        all.addAll(List.of(arguments));
        return python(namespace, script, all);
    }

    private static String python(TestNamespace namespace, String script, List<String> arguments) {
        var python = Command.run("sdk-python/venv.sh").orThrow().stdout().strip();
        var command = new ArrayList<>(List.of(python, "-W", "error", "sdk-python/e2e/" + script, namespace.name()));
        command.addAll(arguments);
        var environment = Map.of("KUBECONFIG", namespace.cluster().kubeconfig().toString());
        return Command.run(command, environment, new byte[0]).orThrow().stdout();
    }
}
