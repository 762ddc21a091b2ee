package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import io.agenttier.apiserver.sandboxd.PodAuthority;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Signer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class LogResourceTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.running()).live(FakeSandboxes.running());
    private final Set<String> rights = ConcurrentHashMap.newKeySet();
    private final LiveOutput.Source source = new LiveOutput.Source(
            new SandboxAccess(sandboxes, pod.port()), client, InstantSource.system(), List.of(Duration.ZERO));
    private final FakeAgentRecords records = new FakeAgentRecords();
    private final LogResource log = new LogResource(
            source,
            new ProcessRights((user, namespace, verb, subresource, name) -> rights.contains(verb + " " + subresource)),
            new InstallLog(sandboxes, source, records));

    @AfterEach
    void close() throws IOException {
        client.close();
        pod.close();
    }

    @Test
    void givesRawBytesWithTheFirstOffsetThatIsKept() throws IOException {
        pod.next((asked, to) -> to.raw(
                        "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nAgentTier-First-Offset: 5\r\nTransfer-Encoding: chunked\r\n\r\n")
                .event("{\"event\":\"start\",\"process\":%s}".formatted(FakeSandboxd.process("exec")))
                .event("{\"event\":\"gap\",\"from\":0,\"to\":5}")
                .output('o', 5, "later")
                .exited(10, 0));
        var exchange = serve(Calls.get("log").query("process", "build").query("stream", "stdout"));
        assertThat(exchange.text()).isEqualTo("later");
        assertThat(exchange.headers())
                .containsEntry("Content-Type", "application/octet-stream")
                .containsEntry("AgentTier-First-Offset", "5");
        assertThat(exchange.isEnded()).isTrue();
        assertThat(pod.asked.getFirst().target()).isEqualTo("/v1/processes/build/log?offset=0&stream=stdout");
    }

    @Test
    void cutsRawBytesWhenSomeAreMissingInTheMiddle() throws IOException {
        pod.next((asked, to) -> to.frames()
                .output('o', 0, "a")
                .event("{\"event\":\"gap\",\"from\":1,\"to\":5}")
                .output('o', 5, "b")
                .exited(6, 0));
        var exchange = serve(Calls.get("log").query("process", "build"));
        assertThat(exchange.isAborted()).isTrue();
        assertThat(exchange.isEnded()).isFalse();
    }

    @Test
    void cutsRawBytesOfAProcessThatWasLost() throws IOException {
        sandboxes.live(FakeSandboxes.state("Error"));
        pod.next((asked, to) -> {
            to.frames().output('o', 0, "a");
            to.cut();
        });
        var exchange = serve(Calls.get("log").query("process", "build").query("follow", "true"));
        assertThat(exchange.isAborted()).isTrue();
    }

    @Test
    void endsAtThePresentEndWithoutFollow() throws IOException {
        pod.next((asked, to) -> to.frames().output('o', 0, "so far").chunk(new byte[0]));
        var exchange = serve(Calls.get("log").query("process", "build").events());
        assertThat(exchange.text()).contains("so far").doesNotContain("event: exit");
        assertThat(exchange.isEnded()).isTrue();
        assertThat(pod.asked).hasSize(1);
    }

    @Test
    void saysWhereToGoOnWhenThisServerStops() throws Exception {
        pod.next((asked, to) -> {
            to.frames().output('o', 0, "so far");
            to.awaitCut();
        });
        var exchange = FakeExchange.empty();
        var served = CompletableFuture.runAsync(() -> {
            try {
                log.serve(
                        Calls.get("log")
                                .query("process", "build")
                                .query("follow", "true")
                                .events()
                                .call(),
                        exchange);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        await().until(() -> exchange.text().contains("so far"));
        exchange.serverStops();
        served.get();
        assertThat(exchange.text()).doesNotContain("event: exit").endsWith("""
                event: continue
                id: 6
                data: {"process":"%s","offset":6}

                """.formatted(FakeSandboxd.PROCESS));
        assertThat(exchange.isEnded()).isTrue();
    }

    @Test
    void neverSeemsToHaveReachedThePresentEndWhenThisServerStops() throws IOException {
        pod.next((asked, to) -> to.frames().output('o', 0, "so far").chunk(new byte[0]));
        var exchange = FakeExchange.empty();
        exchange.serverStops();
        log.serve(Calls.get("log").query("process", "build").events().call(), exchange);
        assertThat(exchange.text()).contains("so far").doesNotContain("event: continue");
    }

    @Test
    void prefersTheLastEventIdToTheOffsetOfTheFirstCall() throws IOException {
        pod.next((asked, to) -> to.frames().output('o', 40, "x").exited(41, 0));
        var exchange = serve(Calls.get("log")
                .query("process", "build")
                .query("offset", "7")
                .query("follow", "true")
                .events()
                .header("last-event-id", "40"));
        assertThat(pod.asked.getFirst().target()).isEqualTo("/v1/processes/build/log?offset=40&follow=true");
        assertThat(exchange.text()).startsWith("event: start\nid: 40\n");
    }

    @Test
    void letsACallerWithoutProcessesReadOnlyHisOwn() throws Exception {
        pod.next((asked, to) -> to.frames().exited(0, 0));
        serve(Calls.get("log").query("process", "build"));
        rights.add("get processes");
        pod.next((asked, to) -> to.frames().exited(0, 0));
        serve(Calls.get("log").query("process", "build"));
        assertThat(claims(0)).contains("\"own\":true");
        assertThat(claims(1)).doesNotContain("own");
    }

    @ParameterizedTest
    @CsvSource({"arch, get archive", "term, create attach"})
    void needsTheRightOfTheClass(String processClass, String right) throws IOException {
        for (int i = 0; i < 2; i++) {
            pod.next((asked, to) -> to.raw(
                            "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nTransfer-Encoding: chunked\r\n\r\n")
                    .event("{\"event\":\"start\",\"process\":%s}".formatted(FakeSandboxd.process(processClass)))
                    .output('o', 0, "secret")
                    .exited(6, 0));
        }
        var call = Calls.get("log").query("process", "build");
        var refused = FakeExchange.empty();
        assertThatThrownBy(() -> log.serve(call.call(), refused))
                .hasMessageContaining("User \"alice\" cannot %s resource \"sandboxes/%s\""
                        .formatted(right.split(" ", -1)[0], right.split(" ", -1)[1]));
        assertThat(refused.hasBegun()).isFalse();
        rights.add(right);
        assertThat(serve(call).text()).isEqualTo("secret");
    }

    @Test
    void isGoneForAProcessOfAnEarlierPodAndAsksNoOther() {
        assertThatThrownBy(() -> serve(Calls.get("log").query("process", "exec-ffffffff0123456789abcdef")))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Gone.class));
        assertThat(pod.asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "process|../x|parameter process is \"../x\", expected an id, or a name of",
                "stream|both|parameter stream is \"both\", expected stdout or stderr",
                "offset|-1|parameter offset is \"-1\", expected a whole number",
                "follow|yes|parameter follow is \"yes\", expected true or false",
                "source|build|parameter source is \"build\", expected install",
                "source|install|parameters source and process are both set"
            })
    void refusesWrongParameters(String key, String value, String message) {
        assertThatThrownBy(
                        () -> serve(Calls.get("log").query("process", "build").query(key, value)))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadRequest.class))
                .hasMessageStartingWith(message);
    }

    private String claims(int request) {
        var token = pod.asked
                .get(request)
                .fields()
                .getOrDefault("authorization", "")
                .substring("Bearer ".length());
        return new String(
                java.util.Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]),
                java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void cutsAnArchiveThatIsNotWhole() throws IOException {
        rights.add("get archive");
        pod.next((asked, to) -> to.raw("HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nTransfer-Encoding: chunked\r\n\r\n")
                .event("{\"event\":\"start\",\"process\":%s}".formatted(FakeSandboxd.process("arch")))
                .output('o', 5, "later")
                .exited(10, 1));
        var cut = serve(
                Calls.get("log").query("process", "a").query("stream", "stdout").query("offset", "5"));
        assertThat(cut.text()).isEqualTo("later");
        assertThat(cut.isAborted()).isTrue();
        assertThat(cut.isEnded()).isFalse();
    }

    private FakeExchange serve(Calls calls) throws IOException {
        var exchange = FakeExchange.empty();
        log.serve(calls.call(), exchange);
        return exchange;
    }
}
