package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How a command ended comes back exactly, whichever way it was run ({@code spec} behaviour §9.2, §10). */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class ExitRecordsE2E {
    private static String sandbox = "";

    /**
     * @param timeoutSeconds 0 = none
     * @param pluginCode exit code of {@code kubectl sandbox exec}
     */
    record Case(String name, List<String> argv, int timeoutSeconds, String reason, int exitCode, int pluginCode) {
        Map<String, ?> body() {
            return Map.of("command", argv, "timeoutSeconds", timeoutSeconds);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("exit 0", script("exit 0"), 0, "completed", 0, 0),
                new Case("exit 1", script("exit 1"), 0, "completed", 1, 1),
                new Case("exit 42", script("exit 42"), 0, "completed", 42, 42),
                new Case("not executable", List.of("/etc"), 0, "error", 126, 126),
                new Case("not found", List.of("no-such-program"), 0, "error", 127, 127),
                new Case("killed", script("kill -9 $$"), 0, "signaled", 137, 137),
                new Case("terminated", script("kill -15 $$"), 0, "signaled", 143, 143),
                new Case("time-out", script("sleep 30"), 1, "timeout", -1, 1));
    }

    @BeforeAll
    static void oneSandbox(TestNamespace namespace) {
        sandbox = namespace.ready();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void overJson(Case expected, TestNamespace namespace) {
        var answer = Exec.json(namespace, sandbox, expected.body());
        assertThat(answer.get("reason").asText()).isEqualTo(expected.reason());
        assertThat(answer.get("exitCode").asInt()).isEqualTo(expected.exitCode());
        assertThat(answer.path("timedOut").asBoolean())
                .isEqualTo(expected.reason().equals("timeout"));
        assertThat(answer.get("process").asText()).startsWith("exec-");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void overEvents(Case expected, TestNamespace namespace) throws IOException {
        try (var stream = Exec.sse(namespace.api(), namespace, sandbox, expected.body())) {
            var exit = stream.await("exit").data();
            assertThat(exit.get("reason").asText()).isEqualTo(expected.reason());
            assertThat(exit.get("exitCode").asInt()).isEqualTo(expected.exitCode());
            assertThat(stream.next()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void overThePlugin(Case expected, TestNamespace namespace) {
        var arguments = new ArrayList<>(List.of("exec", sandbox));
        if (expected.timeoutSeconds() > 0) arguments.add("--timeout=" + expected.timeoutSeconds() + "s");
        arguments.add("--");
        arguments.addAll(expected.argv());
        var outcome = namespace.kubectl().sandbox(arguments.toArray(String[]::new));
        assertThat(outcome.code()).as(outcome.toString()).isEqualTo(expected.pluginCode());
        if (expected.reason().equals("timeout")) assertThat(outcome.stderr()).contains("timeout");
    }

    private static List<String> script(String text) {
        return List.of("sh", "-c", text);
    }
}
