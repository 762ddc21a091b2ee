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
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code portforward} as clients of {@code pods/portforward} speak it. */
@Timeout(60)
class PortPairsTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();
    private static final String CLIENTS_OFFER = "v5.channel.k8s.io,v4.channel.k8s.io";
    private static final String NOBODY =
            "{\"code\":\"BadGateway\",\"message\":\"nothing listens on port 8081 of the sandbox\"}";

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.running()).live(FakeSandboxes.running());
    private final FakeExchange exchange = FakeExchange.empty();
    private final FakeSocket socket = exchange.socket;

    @AfterEach
    void close() throws IOException {
        client.close();
        pod.close();
    }

    private void serve(Calls calls) throws IOException {
        new PortForwardResource(new SandboxAccess(sandboxes, pod.port()), client).serve(calls.call(), exchange);
    }

    private CompletableFuture<Void> inBackground(Calls calls) {
        return CompletableFuture.runAsync(() -> {
            try {
                serve(calls);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static Calls ports(String... values) {
        return Calls.get("portforward").upgrade(CLIENTS_OFFER).query("ports", List.of(values));
    }

    /** Ports are dialled at the same time, so each connection finds its script by its port. */
    private void listens(Map<Integer, FakeSandboxd.Script> scripts) {
        for (int i = 0; i < scripts.size(); i++) {
            pod.next((asked, to) -> {
                int port = Integer.parseInt(asked.target().replace("/v1/ports?port=", ""));
                Objects.requireNonNull(scripts.get(port)).serve(asked, to);
            });
        }
    }

    /** What came on a channel after the two bytes of the port. */
    private String heard(int channel) {
        var bytes = socket.bytes(channel);
        return new String(Arrays.copyOfRange(bytes, 2, bytes.length), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8080,8081", "8080 8081"})
    void eachPortHasItsPairOfChannelsAndNamesItselfFirst(String values) throws IOException {
        listens(Map.of(
                8080,
                (asked, to) -> {
                    to.tunnel().says('d', "from one");
                    assertThat(to.hear().text()).isEqualTo("to one");
                    to.says('z', "").awaitCut();
                },
                8081,
                (asked, to) -> {
                    to.tunnel();
                    assertThat(to.hear().text()).isEqualTo("to two!");
                    to.says('d', "from two").says('z', "").awaitCut();
                }));
        socket.says(2, "to two!")
                .says(0, "to one")
                .says(1, "no client speaks here")
                .says(4, "nor here");
        serve(ports(values.split(" ", -1)));
        assertThat(exchange.status()).isEqualTo(101);
        assertThat(exchange.headers()).containsEntry("AgentTier-Incarnation", FakeSandboxd.INCARNATION);
        for (int channel : List.of(0, 1)) {
            assertThat(socket.bytes(channel)).startsWith(0x90, 0x1f);
        }
        for (int channel : List.of(2, 3)) {
            assertThat(socket.bytes(channel)).startsWith(0x91, 0x1f);
        }
        assertThat(heard(0)).isEqualTo("from one");
        assertThat(heard(2)).isEqualTo("from two");
        assertThat(heard(1)).isEmpty();
        assertThat(heard(3)).isEmpty();
        assertThat(socket.closeCode()).isEqualTo(1000);
        assertThat(exchange.notes)
                .containsEntry("port", "8080,8081")
                .containsEntry("bytes-to-port", "13")
                .containsEntry("bytes-from-port", "16")
                .containsEntry("close-code", "1000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8081,8080", "8080,8081"})
    void wherePartlyNothingListensTheErrorChannelNamesThePortAndTheOthersGoOn(String values) throws IOException {
        listens(Map.of(8081, (asked, to) -> to.json(502, NOBODY), 8080, (asked, to) -> {
            to.tunnel();
            assertThat(to.hear().text()).isEqualTo("question");
            to.says('d', "answer").says('z', "").awaitCut();
        }));
        int nobody = values.startsWith("8081") ? 0 : 2;
        socket.says(nobody, "thrown away").says(2 - nobody, "question");
        serve(ports(values));
        assertThat(exchange.status()).isEqualTo(101);
        assertThat(heard(nobody + 1))
                .isEqualTo("error forwarding port 8081 to sandbox web: nothing listens on port 8081 of the sandbox");
        assertThat(heard(nobody)).isEmpty();
        assertThat(heard(2 - nobody)).isEqualTo("answer");
        assertThat(socket.closeCode()).isEqualTo(4009);
        assertThat(exchange.notes).containsEntry("bytes-to-port", "8");
    }

    @Test
    void aPortThatBreaksTheConnectionTellsSo() throws IOException {
        listens(Map.of(
                8080,
                (asked, to) -> to.tunnel()
                        .says('d', "half")
                        .says('x', "what listens broke it")
                        .cut()));
        serve(ports("8080"));
        assertThat(heard(0)).isEqualTo("half");
        assertThat(heard(1)).isEqualTo("error forwarding port 8080 to sandbox web: what listens broke it");
        assertThat(socket.closeCode()).isEqualTo(4009);
    }

    @Test
    void everyPortTellsThatTheSandboxWasStopped() throws IOException {
        listens(Map.of(
                8080,
                (asked, to) -> to.tunnel().cut(),
                8081,
                (asked, to) -> to.tunnel().cut()));
        sandboxes.live(FakeSandboxes.state("Stopped"));
        serve(ports("8080,8081"));
        assertThat(heard(1)).contains("port 8080", "stopped");
        assertThat(heard(3)).contains("port 8081", "stopped");
        assertThat(socket.closeCode()).isEqualTo(4001);
    }

    @Test
    void aClientThatLeavesCutsAllPortsAlsoOneThatTakesNothing() throws Exception {
        var cut = new CountDownLatch(2);
        var done = new CountDownLatch(1);
        listens(Map.of(
                8080,
                (asked, to) -> {
                    to.tunnel().says('d', "open");
                    // takes nothing until the call is over
                    awaitUnchecked(done);
                    to.awaitCut();
                    cut.countDown();
                },
                8081,
                (asked, to) -> {
                    to.tunnel().says('d', "open").awaitCut();
                    cut.countDown();
                }));
        for (int i = 0; i < 256; i++) {
            socket.says(0, new byte[63 * 1024]);
        }
        var served = inBackground(ports("8080,8081"));
        await().until(() -> exchange.status() == 101 && socket.bytes(0).length > 2 && socket.bytes(2).length > 2);
        exchange.leave();
        served.join();
        done.countDown();
        cut.await();
        assertThat(exchange.notes).containsEntry("close-reason", "the client left");
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void endsWithTheRightToIt() {
        listens(Map.of(8080, (asked, to) -> to.tunnel().says('d', "hello").awaitCut()));
        var served = inBackground(ports("8080"));
        await().until(() -> socket.bytes(0).length > 2);
        exchange.loseRight();
        served.join();
        assertThat(heard(1)).contains("the right to this connection has ended");
        assertThat(socket.closeCode()).isEqualTo(4003);
    }

    @Test
    void whatHoldsForTheSandboxIsAStatusAndNo101() {
        pod.next((asked, to) -> to.json(429, "{\"code\":\"TooManyRequests\",\"message\":\"64 tunnels are open\"}"));
        assertThatThrownBy(() -> serve(ports("8080,8081")))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.TooManyRequests.class));
        assertThat(exchange.hasBegun()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "8080,",
                "8080,,8081",
                "0",
                "65536",
                "9000",
                "8080,9000",
                "8080;8081",
                "web",
                "8080, 8081"
            })
    void refusesWhatIsNoListOfPorts(String text) {
        refused(ports(text));
    }

    @Test
    void refusesMoreThanSixteenPorts() {
        refused(ports(String.join(",", Collections.nCopies(17, "8080"))));
        refused(ports(Collections.nCopies(17, "8080").toArray(String[]::new)));
    }

    @Test
    void refusesBothKindsOfParametersAndAnotherProtocol() {
        refused(ports("8080").query("port", "8080"));
        refused(ports("8080").upgrade("v5.channel.k8s.io"));
        refused(Calls.get("portforward")
                .upgrade(CLIENTS_OFFER.replace("v5.channel.k8s.io,", ""))
                .query("port", "8080"));
    }

    private void refused(Calls calls) {
        assertThatThrownBy(() -> serve(calls))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadRequest.class));
        assertThat(pod.asked).isEmpty();
        assertThat(exchange.hasBegun()).isFalse();
    }
}
