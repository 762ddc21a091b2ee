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
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RemoteSessionTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();
    private static final String BOTH = "v5.channel.k8s.io, v4.channel.k8s.io";

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.running()).live(FakeSandboxes.running());
    private final Set<String> rights = ConcurrentHashMap.newKeySet();
    private final SandboxAccess access = new SandboxAccess(sandboxes, pod.port());
    private final ExecResource exec = new ExecResource(
            new LiveOutput.Source(access, client, InstantSource.system(), List.of(Duration.ZERO)),
            ResourceLimits.DEFAULT,
            new MemoryBudget(1 << 20, Duration.ZERO, () -> {}));
    private final AttachResource attach = new AttachResource(
            access,
            client,
            new ProcessRights((user, namespace, verb, subresource, name) -> rights.contains(verb + " " + subresource)),
            Duration.ofHours(1),
            new TerminalViewing(
                    new SandboxEvents(sandboxes, (_, _, _, _, _) -> {}, InstantSource.system()),
                    InstantSource.system()));
    private final FakeExchange exchange = FakeExchange.empty();
    private final FakeSocket socket = exchange.socket;

    @AfterEach
    void close() throws IOException {
        client.close();
        pod.close();
    }

    private static Calls cat() {
        return Calls.get("exec")
                .upgrade(BOTH)
                .query("command", List.of("cat"))
                .query("stdin", "true")
                .query("stdout", "true")
                .query("stderr", "true");
    }

    private static Calls attached() {
        return Calls.get("attach").upgrade(BOTH).query("process", FakeSandboxd.PROCESS);
    }

    private void serve(Calls calls) throws IOException {
        var resource = calls.subresource().equals("exec") ? exec : attach;
        resource.serve(calls.call(), exchange);
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

    @Test
    void saysNothingOfTheEndOfAProcessWhenThisServerStops() throws Exception {
        pod.next((asked, to) -> {
            to.switched(0, false).output('o', 0, "so far");
            to.awaitCut();
        });
        var served = inBackground(attached());
        await().until(() -> socket.heard(ChannelFrames.STDOUT).equals("so far"));
        socket.serverStops();
        served.get();
        assertThat(socket.bytes(ChannelFrames.ERROR)).isEmpty();
        assertThat(socket.closeCode()).isEqualTo(1001);
        assertThat(exchange.notes)
                .containsEntry("close-code", "1001")
                .containsEntry("close-reason", "this server stops: come back");
    }

    @Test
    void carriesStdinThroughAndKeepsTheStreamsApart() throws IOException {
        var random = new byte[3 << 19];
        new Random(7).nextBytes(random);
        pod.next((asked, to) -> {
            to.switched(0, false);
            var stdin = to.hearStdin();
            to.output('o', 0, slice(stdin, 0, 1 << 19))
                    .output('e', 1 << 19, slice(stdin, 1 << 19, 1 << 19))
                    .output('o', 2 << 19, slice(stdin, 2 << 19, 1 << 19))
                    .exited(3 << 19, 0);
            to.cut();
        });
        for (int done = 0; done < random.length; done += 32768) {
            socket.says(ChannelFrames.STDIN, slice(random, done, 32768));
        }
        socket.halfCloses();
        serve(cat());
        assertThat(socket.bytes(ChannelFrames.STDOUT)).hasSize(2 << 19).startsWith(slice(random, 0, 1 << 19));
        assertThat(socket.bytes(ChannelFrames.STDERR)).isEqualTo(slice(random, 1 << 19, 1 << 19));
        assertThat(socket.status()).isEqualTo(Map.of("metadata", Map.of(), "status", "Success"));
        assertThat(socket.closeCode()).isEqualTo(1000);
        assertThat(exchange.notes)
                .containsEntry("argv-sha256", "066f70cb15aeb49ac2c61fba5393c8033e33ca23f571387e9a6df8914a7ff111")
                .containsEntry("bytes-stdin", Integer.toString(3 << 19))
                .containsEntry("bytes-stdout", Integer.toString(2 << 19))
                .containsEntry("bytes-stderr", Integer.toString(1 << 19))
                .containsEntry("exit-code", "0")
                .containsEntry("close-code", "1000");
    }

    private static void awaitUninterruptibly(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static byte[] slice(byte[] bytes, int from, int length) {
        return java.util.Arrays.copyOfRange(bytes, from, from + length);
    }

    @Test
    void tellsTheProcessBeforeTheFirstByteAndAsksTheDaemonForOpenStdinAndTerminal() throws IOException {
        pod.next((asked, to) -> {
            to.switched(0, true).exited(0, 0);
            to.cut();
        });
        serve(cat().query("command", List.of("sh", "-i")).query("tty", "True").query("cols", "200"));
        assertThat(exchange.status()).isEqualTo(101);
        assertThat(exchange.headers())
                .containsEntry("AgentTier-Process", FakeSandboxd.PROCESS)
                .containsEntry("AgentTier-Stdin-Offset", "0");
        var asked = pod.asked.getFirst();
        assertThat(asked.line()).isEqualTo("POST /v1/processes?attach=true HTTP/1.1");
        assertThat(asked.fields()).containsEntry("upgrade", "agenttier-frames").containsEntry("connection", "Upgrade");
        assertThat(asked.text())
                .contains(
                        "\"argv\":[\"sh\",\"-i\"]", "\"openStdin\":true", "\"tty\":true", "\"cols\":200", "\"rows\":40")
                .contains("\"onDisconnect\":\"cancel\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'outcome':'exited','code':42|NonZeroExitCode|42",
                "{'outcome':'signaled','signal':'KILL','number':9|NonZeroExitCode|137",
                "{'outcome':'notStarted','code':127,'message':'no such program'|NonZeroExitCode|127",
                "{'outcome':'notStarted','code':126,'message':'a directory'|NonZeroExitCode|126",
                "{'outcome':'oom'|NonZeroExitCode|137",
                "{'outcome':'timeout','limitMs':1000|Timeout|-1",
                "{'outcome':'canceled','by':'bob'|Canceled|-1",
                "{'outcome':'lost','why':'the node went away'|Lost|",
            })
    void endsWithAStatusThatNamesTheExitCode(String record, String reason, String code) throws IOException {
        var json = record.replace('\'', '"') + ",\"endedAt\":\"2026-01-01T00:00:01Z\",\"durationMs\":7}";
        pod.next((asked, to) -> {
            to.switched(0, false).exit(0, json);
            to.cut();
        });
        serve(cat());
        assertThat(socket.status()).containsEntry("status", "Failure").containsEntry("reason", reason);
        if (code == null) {
            assertThat(socket.status()).doesNotContainKey("details");
        } else {
            assertThat(socket.status())
                    .containsEntry("details", Map.of("causes", List.of(Map.of("reason", "ExitCode", "message", code))));
        }
        assertThat(socket.closeCode()).isEqualTo(1000);
    }

    @Test
    void dropsStreamsThatNobodyAskedFor() throws IOException {
        pod.next((asked, to) -> {
            to.switched(0, false).output('o', 0, "out").output('e', 3, "err").exited(6, 0);
            to.cut();
        });
        serve(Calls.get("exec")
                .upgrade("v4.channel.k8s.io")
                .query("command", List.of("make"))
                .query("stderr", "1"));
        assertThat(socket.heard(ChannelFrames.STDOUT)).isEmpty();
        assertThat(socket.heard(ChannelFrames.STDERR)).isEqualTo("err");
        assertThat(pod.asked.getFirst().text()).doesNotContain("openStdin", "tty");
    }

    @Test
    void knowsNoHalfCloseInVersion4() throws IOException {
        var ended = new CountDownLatch(1);
        var after = new AtomicReference<FakeSandboxd.Heard>();
        pod.next((asked, to) -> {
            to.switched(0, false);
            to.hear();
            after.set(to.hear());
            to.exited(0, 0);
            to.cut();
            ended.countDown();
        });
        socket.says(ChannelFrames.STDIN, "one")
                .halfCloses()
                .says(ChannelFrames.STDIN, "")
                .says(ChannelFrames.STDIN, "two");
        serve(cat().upgrade("v4.channel.k8s.io"));
        assertThat(after.get().type()).isEqualTo('i');
        assertThat(after.get().offset()).isEqualTo(3);
    }

    @Test
    void resizesTerminals() throws IOException {
        var heard = new AtomicReference<FakeSandboxd.Heard>();
        pod.next((asked, to) -> {
            to.switched(0, true);
            heard.set(to.hear());
            to.exited(0, 0);
            to.cut();
        });
        socket.says(ChannelFrames.RESIZE, "{\"Width\":0,\"Height\":0}")
                .says(ChannelFrames.RESIZE, "{\"Width\":132,\"Height\":5000}");
        serve(cat().query("tty", "true"));
        assertThat(heard.get().type()).isEqualTo('r');
        assertThat(heard.get().text()).isEqualTo("{\"cols\":132,\"rows\":1000}");
    }

    @Test
    void closesOnABrokenResize() throws IOException {
        pod.next((asked, to) -> to.switched(0, true).awaitCut());
        socket.says(ChannelFrames.RESIZE, "80x24");
        serve(cat().query("tty", "true"));
        assertThat(socket.closeCode()).isEqualTo(1002);
        assertThat(socket.closeReason()).contains("Width");
    }

    @Test
    void detachesWhenTheClientLeaves() throws Exception {
        var cut = new CountDownLatch(1);
        pod.next((asked, to) -> {
            to.switched(0, false).output('o', 0, "begun").awaitCut();
            cut.countDown();
        });
        var served = inBackground(cat());
        await().until(() -> socket.heard(ChannelFrames.STDOUT).equals("begun"));
        exchange.leave();
        cut.await();
        served.get();
        assertThat(exchange.notes)
                .containsEntry("close-reason", "the client left")
                .doesNotContainKey("exit-code");
    }

    @Test
    void detachesWhileTheProcessReadsNothing() throws Exception {
        var full = new CountDownLatch(1);
        var cut = new CountDownLatch(1);
        pod.next((asked, to) -> {
            to.switched(0, false);
            full.countDown();
            awaitUninterruptibly(cut);
            to.awaitCut();
        });
        for (int i = 0; i < 400; i++) {
            socket.says(ChannelFrames.STDIN, new byte[65536]);
        }
        var served = inBackground(cat());
        full.await();
        exchange.leave();
        served.get();
        cut.countDown();
    }

    @Test
    void saysThatTheConnectionBrokeAndHowToGoOn() throws IOException {
        pod.next((asked, to) -> to.switched(0, false).output('o', 0, "12345").cut());
        serve(cat());
        assertThat(socket.heard(ChannelFrames.STDOUT)).isEqualTo("12345");
        assertThat(socket.closeCode()).isEqualTo(4009);
        assertThat(socket.closeReason()).isEqualTo("error");
        assertThat(String.valueOf(socket.status().get("message")))
                .contains("attach?process=" + FakeSandboxd.PROCESS + "&offset=5");
        assertThat(exchange.notes).containsEntry("close-code", "4009");
    }

    @Test
    void saysThatThePodIsLost() throws IOException {
        sandboxes.live(FakeSandboxes.state("Running", FakeSandboxes.pod("99999999")));
        pod.next((asked, to) -> to.switched(0, false).cut());
        serve(cat());
        assertThat(socket.closeCode()).isEqualTo(4009);
        assertThat(socket.status()).containsEntry("reason", "Lost").doesNotContainKey("details");
    }

    @Test
    void saysThatTheSandboxWasStopped() throws IOException {
        sandboxes.live(FakeSandboxes.state("Stopped"));
        pod.next((asked, to) -> {
            to.switched(0, false)
                    .exit(
                            0,
                            "{\"outcome\":\"canceled\",\"by\":\"agenttier:sandbox\",\"endedAt\":\"2026-01-01T00:00:01Z\",\"durationMs\":7}");
            to.cut();
        });
        serve(cat());
        assertThat(socket.closeCode()).isEqualTo(4001);
        assertThat(socket.closeReason()).isEqualTo("sandbox_stopped");
        assertThat(socket.status()).containsEntry("reason", "Canceled");
    }

    @Test
    void endsWhenTheRightIsLost() throws Exception {
        pod.next((asked, to) -> to.switched(0, false).output('o', 0, "begun").awaitCut());
        var served = inBackground(cat());
        await().until(() -> socket.heard(ChannelFrames.STDOUT).equals("begun"));
        exchange.loseRight();
        served.get();
        assertThat(socket.closeCode()).isEqualTo(4003);
        assertThat(socket.closeReason()).isEqualTo("access_revoked");
    }

    @Test
    void attachesAtAnOffsetWithStdinTakenOver() throws IOException {
        pod.next((asked, to) -> {
            to.switched(100, false);
            var heard = to.hear();
            to.output('o', 40, "at " + heard.offset()).exited(46, 0);
            to.cut();
        });
        socket.says(ChannelFrames.STDIN, "more");
        serve(attached().query("offset", "40").query("stdin", "true").query("takeover", "true"));
        assertThat(pod.asked.getFirst().target())
                .isEqualTo(
                        "/v1/processes/%s/attach?offset=40&stdin=true&takeover=true".formatted(FakeSandboxd.PROCESS));
        assertThat(exchange.headers()).containsEntry("AgentTier-Stdin-Offset", "100");
        assertThat(socket.heard(ChannelFrames.STDOUT)).isEqualTo("at 100");
    }

    @Test
    void refusesToLoseStdinUnseenWhenAnotherClientTakesIt() throws IOException {
        pod.next((asked, to) ->
                to.switched(0, false).event("{\"event\":\"stdinTaken\"}").awaitCut());
        serve(attached().query("stdin", "true"));
        assertThat(socket.closeReason()).isEqualTo("stdin_taken");
        assertThat(socket.status()).containsEntry("reason", "Conflict");
    }

    @Test
    void tellsATerminalOnChannel2ThatAnotherClientTypes() throws IOException {
        pod.next((asked, to) -> {
            to.switched(0, true)
                    .event("{\"event\":\"stdinTaken\"}")
                    .output('o', 0, "goes on")
                    .exited(7, 0);
            to.cut();
        });
        serve(attached().query("stdin", "true"));
        assertThat(socket.heard(ChannelFrames.STDERR)).contains("another client");
        assertThat(socket.heard(ChannelFrames.STDOUT)).isEqualTo("goes on");
        assertThat(socket.closeCode()).isEqualTo(1000);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsATerminalOnChannel2WhatIsComingAndNeverAPipe(boolean tty) throws IOException {
        pod.next((asked, to) -> {
            to.switched(0, tty)
                    .output('o', 0, "before ")
                    .event("{\"event\":\"notice\",\"kind\":\"IdleTimeout\",\"text\":\"stops\\u001b[2J soon\"}")
                    .event("{\"event\":\"notice\",\"kind\":\"\",\"text\":\"\"}")
                    .output('o', 7, "after")
                    .exited(12, 0);
            to.cut();
        });
        serve(attached());
        assertThat(socket.heard(ChannelFrames.STDERR))
                .isEqualTo(tty ? "\r\nstops [2J soon\r\n\r\nthe stop announced before is called off\r\n" : "");
        assertThat(socket.heard(ChannelFrames.STDOUT)).isEqualTo("before after");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void beatsAtATerminalAsLongAsTheDaemonIsThereAndNeverOnAPipe(boolean tty) throws IOException {
        pod.next((asked, to) -> {
            to.switched(0, tty).chunk(FakeSandboxd.frame('k', new byte[0]));
            to.output('o', 0, "after").exited(5, 0).cut();
        });
        serve(attached());
        assertThat(socket.emptyOutput()).isEqualTo(tty ? 1 : 0);
        assertThat(socket.heard(ChannelFrames.STDOUT)).isEqualTo("after");
    }

    @Test
    void neverHidesAGapWithinTheOutput() throws IOException {
        pod.next((asked, to) -> to.switched(0, false)
                .output('o', 0, "a")
                .event("{\"event\":\"gap\",\"from\":1,\"to\":9}")
                .awaitCut());
        serve(attached());
        assertThat(socket.closeCode()).isEqualTo(4009);
        assertThat(String.valueOf(socket.status().get("message"))).contains("from 1 to 9", "offset=9");
    }

    @Test
    void passesRefusalsOnAsHttp() {
        pod.next(
                (asked, to) -> to.json(409, "{\"code\":\"Conflict\",\"message\":\"stdin is held by another client\"}"));
        assertThatThrownBy(() -> serve(attached().query("stdin", "true")))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Conflict.class))
                .hasMessageContaining("held by another client");
        assertThat(exchange.hasBegun()).isFalse();
    }

    @Test
    void needsTheRightOfTheClassOfTheProcess() {
        pod.next((asked, to) -> {
            to.raw("HTTP/1.1 101 X\r\nAgentTier-Protocol: 1\r\n\r\n")
                    .raw(FakeSandboxd.frame(
                            'j',
                            "{\"event\":\"start\",\"process\":%s}"
                                    .formatted(FakeSandboxd.process("arch"))
                                    .getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            to.awaitCut();
        });
        assertThatThrownBy(() -> serve(attached())).hasMessageContaining("cannot get resource \"sandboxes/archive\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "command|",
                "command|a\0b",
                "stdout|",
                "container|other",
                "cols|80",
                "process|exec-0a1b2c3d0123456789abcdef",
                "onDisconnect|never"
            })
    void refusesWrongParametersBeforeAnythingStarts(String parameter) {
        var parts = parameter.split("\\|", -1);
        var calls = cat().query("stdin", "0").query("stderr", "0");
        var changed = parts[0].equals("stdout") ? calls.query("stdout", "0") : calls.query(parts[0], parts[1]);
        assertThatThrownBy(() -> serve(changed))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadRequest.class));
        assertThat(pod.asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"session|main", "cols|80", "rows|24", "altScreen|keep", "share|true"})
    void refusesWhatIsOfASessionForAProcess(String parameter) {
        var parts = parameter.split("\\|", -1);
        assertThatThrownBy(() -> serve(attached().query(parts[0], parts[1])))
                .hasMessageContaining("parameter " + parts[0] + " is for a terminal session");
        assertThat(pod.asked).isEmpty();
    }

    @Test
    void tellsThoseWithoutWebSocketWhatToDo() {
        assertThatThrownBy(() -> serve(Calls.get("exec").query("command", List.of("ls"))))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("v5.channel.k8s.io, v4.channel.k8s.io")
                .hasMessageContaining("POST exec");
        assertThatThrownBy(() ->
                        serve(Calls.post("exec").header("connection", "Upgrade").header("upgrade", "SPDY/3.1")))
                .hasMessageContaining("v5.channel.k8s.io");
    }

    @Test
    void refusesADaemonThatDoesNotSwitch() {
        pod.next((asked, to) -> to.frames().exited(0, 0));
        assertThatThrownBy(() -> serve(cat()))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadGateway.class));
    }
}
