package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import io.agenttier.apiserver.sandboxd.PodAuthority;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Signer;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ProcessesResourceTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.running()).live(FakeSandboxes.running());
    private final ProcessesResource processes = new ProcessesResource(new SandboxAccess(sandboxes, pod.port()), client);

    @AfterEach
    void close() throws IOException {
        client.close();
        pod.close();
    }

    @Test
    void listsWhatRunsAndWhatRan() throws IOException {
        var ended = FakeSandboxd.process("term")
                .replace("\"running\":true", "\"running\":false")
                .replace("\"exit\":null", "\"exit\":" + FakeSandboxd.EXITED.formatted(3))
                .replace("\"viewers\"", "\"tty\":true,\"session\":\"main\",\"viewers\"");
        pod.next((asked, to) -> to.json(200, "{\"items\":[%s,%s]}".formatted(FakeSandboxd.process("exec"), ended)));
        var exchange = serve(Calls.get("processes"));
        assertThat(exchange.text()).isEqualTo("""
                        {"kind":"SandboxProcessList","apiVersion":"agenttier.io/subresources-v1alpha1","items":[\
                        {"id":"exec-0a1b2c3d0123456789abcdef","class":"exec","name":"make","startedAt":"2026-01-01T00:00:00Z",\
                        "running":true,"bytesStdout":0,"bytesStderr":0,"offset":0,"dropped":0,"viewers":1,\
                        "bytesStdin":0,"stdinOpen":false,"tty":false},\
                        {"id":"exec-0a1b2c3d0123456789abcdef","class":"terminal","name":"make","startedAt":"2026-01-01T00:00:00Z",\
                        "running":false,"exit":{"exitCode":3,"durationMs":7,"reason":"completed","endedAt":"2026-01-01T00:00:01Z"},\
                        "bytesStdout":0,"bytesStderr":0,"offset":0,"dropped":0,"viewers":1,\
                        "bytesStdin":0,"stdinOpen":false,"tty":true,"session":"main"}]}""");
    }

    @Test
    void cancelsWithoutASignal() throws IOException {
        pod.next((asked, to) -> to.raw("HTTP/1.1 204 No Content\r\nAgentTier-Protocol: 1\r\n\r\n"));
        var exchange = serve(Calls.delete("processes").query("process", FakeSandboxd.PROCESS));
        assertThat(exchange.status()).isEqualTo(204);
        assertThat(exchange.notes).isEqualTo(Map.of("process", FakeSandboxd.PROCESS, "signal", "cancel"));
        assertThat(pod.asked.getFirst().line())
                .isEqualTo("DELETE /v1/processes/%s HTTP/1.1".formatted(FakeSandboxd.PROCESS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "SIGKILL", "9", "64", "RTMIN+1"})
    void signalsByNameOrNumber(String signal) throws IOException {
        pod.next((asked, to) -> to.raw("HTTP/1.1 204 No Content\r\nAgentTier-Protocol: 1\r\n\r\n"));
        serve(Calls.delete("processes").query("process", "build").query("signal", signal));
        assertThat(pod.asked.getFirst().target()).isEqualTo("/v1/processes/build?signal=" + signal.replace("+", "%2B"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "65", "term", "TERM KILL", "9x"})
    void refusesWhatIsNoSignal(String signal) {
        assertThatThrownBy(() -> serve(
                        Calls.delete("processes").query("process", "build").query("signal", signal)))
                .hasMessageStartingWith("parameter signal is \"%s\", expected a signal".formatted(signal));
    }

    @Test
    void needsToKnowWhichProcess() {
        assertThatThrownBy(() -> serve(Calls.delete("processes")))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadRequest.class))
                .hasMessageStartingWith("parameter process is missing");
    }

    private FakeExchange serve(Calls calls) throws IOException {
        var exchange = FakeExchange.empty();
        processes.serve(calls.call(), exchange);
        return exchange;
    }
}
