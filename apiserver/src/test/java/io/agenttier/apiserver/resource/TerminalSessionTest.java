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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Named terminals by {@code attach} without a process, and what is told of them. */
@Timeout(60)
class TerminalSessionTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.running()).live(FakeSandboxes.running());
    private final InstantSource still = InstantSource.fixed(Instant.EPOCH);
    private final SandboxEvents events =
            new SandboxEvents(sandboxes, (_, _, reason, message, _) -> told.add(reason + ": " + message), still);
    private final AttachResource attach = new AttachResource(
            new SandboxAccess(sandboxes, pod.port()),
            client,
            new ProcessRights((_, _, _, _, _) -> true),
            Duration.ofHours(1),
            new TerminalViewing(events, still));
    private final FakeExchange exchange = FakeExchange.empty();
    private final FakeSocket socket = exchange.socket;

    @AfterEach
    void close() throws IOException {
        events.close();
        client.close();
        pod.close();
    }

    private void serve(Calls calls) throws IOException {
        attach.serve(calls.call(), exchange);
    }

    @Test
    void joinsTheTerminalOfASessionWhereItsLastScreenBegins() throws IOException {
        pod.next((asked, to) -> to.switched(4096, 7, true)
                .output('o', 4096, "screen")
                .exited(4102, 0)
                .cut());
        serve(Calls.get("attach").upgrade(ChannelFrames.V5).query("stdin", "true"));
        assertThat(pod.asked.getFirst().line())
                .isEqualTo("POST /v1/terminals?session=main&cols=120&rows=40&retentionSeconds=3600"
                        + "&altScreen=strip&stdin=true&takeover=false HTTP/1.1");
        assertThat(socket.heard(ChannelFrames.STDOUT)).isEqualTo("screen");
        assertThat(exchange.headers())
                .containsEntry("AgentTier-Offset", "4096")
                .containsEntry("AgentTier-Stdin-Offset", "7")
                .containsEntry("AgentTier-Process", FakeSandboxd.PROCESS);
    }

    @Test
    void asksForTheSessionThatIsNamedAndGoesOnAtAnOffset() throws IOException {
        pod.next((asked, to) -> to.switched(5, 0, true).exited(5, 0).cut());
        serve(Calls.get("attach")
                .upgrade(ChannelFrames.V5)
                .query("session", "build-1")
                .query("cols", "80")
                .query("rows", "24")
                .query("altScreen", "keep")
                .query("offset", "5")
                .query("stdin", "true")
                .query("takeover", "true"));
        assertThat(pod.asked.getFirst().line())
                .isEqualTo("POST /v1/terminals?session=build-1&cols=80&rows=24&retentionSeconds=3600"
                        + "&altScreen=keep&stdin=true&takeover=true&offset=5 HTTP/1.1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "session|../x",
                "session|",
                "session|A",
                "cols|0",
                "rows|1001",
                "altScreen|on",
                "share|true",
                "offset|-1",
                "takeover|true"
            })
    void refusesATerminalThatCannotBe(String parameter) {
        var parts = parameter.split("\\|", -1);
        assertThatThrownBy(() ->
                        serve(Calls.get("attach").upgrade(ChannelFrames.V5).query(parts[0], parts[1])))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadRequest.class))
                .hasMessageContaining(parts[0]);
        assertThat(pod.asked).isEmpty();
    }

    @Test
    void tellsWhoSatAtTheKeyboardAndHowItEnded() throws Exception {
        pod.next((asked, to) -> to.terminal("main").exited(0, 3).cut());
        serve(Calls.get("attach").upgrade(ChannelFrames.V5).query("stdin", "true"));
        var what = " terminal main (process %s)".formatted(FakeSandboxd.PROCESS);
        assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("TerminalOpened: alice opened" + what);
        assertThat(told.poll(30, TimeUnit.SECONDS))
                .isEqualTo("TerminalClosed: alice left" + what + " after 0 s: its process ended");
    }

    @Test
    void tellsNothingOfOneWhoWatchesOrOfAnotherProcess() throws Exception {
        pod.next((asked, to) -> to.terminal("main").exited(0, 0).cut());
        serve(Calls.get("attach").upgrade(ChannelFrames.V5));
        pod.next((asked, to) -> to.switched(0, true).exited(0, 0).cut());
        attach.serve(
                Calls.get("attach")
                        .upgrade(ChannelFrames.V5)
                        .query("process", FakeSandboxd.PROCESS)
                        .query("stdin", "true")
                        .call(),
                FakeExchange.empty());
        events.add(FakeSandboxes.running().namespace(), FakeSandboxes.running().name(), "Last", "one");
        assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("Last: one");
    }
}
