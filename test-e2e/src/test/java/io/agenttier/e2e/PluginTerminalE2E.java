package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code kubectl sandbox exec -it} and {@code attach} in a real pseudo-terminal, which {@code test-e2e/clients/terminal.py} holds. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class PluginTerminalE2E {
    @Test
    void behavesAsATerminal(TestNamespace namespace) {
        var sandbox = namespace.ready();
        var outcome = inTerminal(namespace, sandbox);
        assertThat(outcome.code()).as(outcome.toString()).isZero();
        assertThat(outcome.stdout())
                .contains("ok: size at the start", "ok: resize", "Ctrl-D", "Ctrl-C", "paste of 1 MiB");
    }

    @Test
    void keepsTheShellOfASessionWithoutItsViewer(TestNamespace namespace) {
        var sandbox = namespace.ready();
        var outcome = inTerminal(namespace, sandbox, "session");
        assertThat(outcome.code()).as(outcome.toString()).isZero();
        assertThat(outcome.stdout())
                .contains(
                        "ok: size of a new shell",
                        "ok: the shell and its screen are there again",
                        "ok: who takes over writes, the other one watches",
                        "ok: the next one is new");
        namespace.awaitEvent(sandbox, "TerminalOpened", "opened terminal ");
        namespace.awaitEvent(sandbox, "TerminalClosed", "the client left");
        namespace.awaitEvent(sandbox, "TerminalClosed", "its process ended");
    }

    private static Command.Result inTerminal(TestNamespace namespace, String sandbox, String... how) {
        var command = new ArrayList<>(List.of("python3", "test-e2e/clients/terminal.py", namespace.name(), sandbox));
        command.addAll(List.of(how));
        return Command.run(
                command,
                Map.of(
                        "KUBECONFIG",
                        namespace.cluster().kubeconfig().toString(),
                        "PATH",
                        Path.of("build/bin").toAbsolutePath() + ":" + System.getenv("PATH")),
                new byte[0]);
    }
}
