package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.TestNamespace;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The Python SDK takes a sandbox through its life; what it asserts is in its script. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class PythonSdkE2E {
    private static final String SCRIPT = "sdk-python/e2e/slice.py";

    @Test
    void takesASandboxThroughItsLife(TestNamespace namespace) {
        var python = Command.run("sdk-python/venv.sh").orThrow().stdout().strip();
        var environment = Map.of("KUBECONFIG", namespace.cluster().kubeconfig().toString());
        var outcome = Command.run(
                List.of(python, "-W", "error", SCRIPT, namespace.name(), "minimal-shell"), environment, new byte[0]);
        assertThat(outcome.orThrow().stdout()).endsWith("terminated\n");
    }
}
