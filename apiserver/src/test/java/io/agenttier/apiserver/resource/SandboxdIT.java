package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.agenttier.api.DeclaredPort;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import io.agenttier.apiserver.sandboxd.PodAuthority;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.RealSandboxd;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Signer;
import io.agenttier.apiserver.telemetry.Metrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The use cases against the real daemon. Runs where system property {@code agenttier.sandboxd} names its binary. */
@EnabledIfSystemProperty(named = "agenttier.sandboxd", matches = ".+")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class SandboxdIT {
    private final PodAuthority authority = new PodAuthority();
    private final Signer signer = authority.signer();
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.running()).live(FakeSandboxes.running());
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(signer), InstantSource.system(), new PodBound(100, () -> {}));
    private final Map<String, Subresource> subresources = subresources(sandboxes, client, InstantSource.system());
    private RealSandboxd daemon;

    /** All subresources, for callers who may do everything. */
    static Map<String, Subresource> subresources(FakeSandboxes sandboxes, SandboxdClient client, InstantSource clock) {
        return SandboxSubresources.all(
                        sandboxes,
                        new NoPower(),
                        new NoPorts(),
                        null,
                        client,
                        (user, namespace, verb, subresource, name) -> true,
                        ResourceLimits.DEFAULT,
                        new MemoryBudget(128 << 20, Duration.ZERO, () -> {}),
                        clock,
                        new Activity(sandboxes, (_, _) -> {}, InstantSource.system()),
                        new SandboxEvents(sandboxes, (_, _, _, _, _) -> {}, InstantSource.system()),
                        Duration.ofSeconds(1),
                        new FakeAgentRecords(),
                        AgentLimits.DEFAULT,
                        new Metrics().agent())
                .stream()
                .collect(Collectors.toMap(Subresource::name, subresource -> subresource));
    }

    @BeforeAll
    void start(@TempDir Path root) throws IOException {
        daemon = new RealSandboxd(
                Path.of(System.getProperty("agenttier.sandboxd")), root, authority, FakeSandboxd.INCARNATION);
    }

    @AfterAll
    void stop() throws IOException {
        client.close();
        daemon.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "exit 0|completed|0",
                "exit 1|completed|1",
                "exit 42|completed|42",
                "kill -9 $$|signaled|137",
                "kill -TERM $$|signaled|143",
                "/no/such/program|completed|127",
            })
    void bringsExitCodesBackExactly(String script, String reason, int exitCode) throws IOException {
        var exchange = exec("{\"script\":\"%s\"}".formatted(script));
        assertThat(exchange.at("reason")).isEqualTo(reason);
        assertThat(exchange.at("exitCode")).isEqualTo(exitCode);
    }

    @Test
    void tellsAMissingProgramFromOneThatIsNotExecutable() throws IOException {
        var missing = exec("{\"command\":[\"no-such-program\"]}");
        assertThat(missing.at("exitCode")).isEqualTo(127);
        assertThat(missing.at("reason")).isEqualTo("error");
        assertThat(String.valueOf(missing.at("message"))).contains("no-such-program");
        assertThat(exec("{\"command\":[\"/etc\"]}").at("exitCode")).isIn(126, 127);
        assertThat(exec("{\"command\":[\"/workspace\"]}").at("exitCode")).isEqualTo(126);
    }

    @Test
    void stopsAtTheTimeLimit() throws IOException {
        var exchange = exec("{\"command\":[\"sleep\",\"100\"],\"timeoutSeconds\":1}");
        assertThat(exchange.json())
                .containsEntry("reason", "timeout")
                .containsEntry("timedOut", true)
                .containsEntry("exitCode", -1);
    }

    @Test
    void passesStdinEnvironmentAndFolderAndKeepsTheStreamsApart() throws IOException {
        var exchange = exec("""
                {"script":"cat; pwd; echo \\"$GREETING\\" >&2","stdin":"in ","workingDir":"/tmp","env":{"GREETING":"h\u00e4"}}""");
        assertThat(exchange.at("stdout")).isEqualTo("in /tmp\n");
        assertThat(exchange.at("stderr")).isEqualTo("h\u00e4\n");
    }

    @Test
    void givesBackEightMebibytesWhole() throws IOException {
        var exchange = exec("{\"script\":\"head -c 8388608 /dev/zero | tr '\\\\0' x\"}");
        assertThat(String.valueOf(exchange.at("stdout"))).hasSize(8 << 20).matches("x+");
        assertThat(exchange.at("truncated")).isEqualTo(false);
    }

    @Test
    void truncatesMoreThanThatAndHasTheRestInTheLog() throws IOException {
        var exchange = exec("{\"script\":\"head -c 8388609 /dev/zero | tr '\\\\0' x\"}");
        assertThat(exchange.at("truncated")).isEqualTo(true);
        var rest = serve(Calls.get("log")
                .query("process", String.valueOf(exchange.at("process")))
                .query("offset", "8388600"));
        assertThat(rest.text()).isEqualTo("x".repeat(9));
    }

    @Test
    void streamsEventsAndNeverStartsANameTwice() throws IOException {
        var call = Calls.post("exec").events().query("onDisconnect", "keep");
        var body = "{\"script\":\"echo one; echo two >&2\",\"process\":\"twice\"}";
        for (int i = 0; i < 2; i++) {
            var exchange = FakeExchange.with(body);
            serve(call, exchange);
            assertThat(exchange.text())
                    .contains(
                            "\"process\":\"0a1b2c3d.twice\"",
                            "\"data\":\"one\\n\"",
                            "\"data\":\"two\\n\"",
                            "\"exitCode\":0");
        }
        assertThat(serve(Calls.get("processes")).text()).containsOnlyOnce("0a1b2c3d.twice");
        assertThatThrownBy(() -> exec("{\"script\":\"other\",\"process\":\"twice\"}"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Invalid.class));
    }

    @Test
    void goesOnInAnotherReplicaWhenTheFirstOneIsGone() throws Exception {
        var first = FakeExchange.with("{\"script\":\"echo begun; sleep 2; echo done\",\"process\":\"survivor\"}");
        var served = CompletableFuture.runAsync(() -> {
            try {
                serve(Calls.post("exec").events().query("onDisconnect", "keep"), first);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> first.text().contains("begun"));
        first.leave();
        assertThatThrownBy(served::join).hasRootCauseInstanceOf(io.agenttier.apiserver.route.ClientGoneException.class);
        var second = serve(Calls.get("log")
                .query("process", "survivor")
                .query("follow", "true")
                .events());
        assertThat(second.text()).contains("\"data\":\"begun\\n\"", "\"data\":\"done\\n\"", "\"reason\":\"completed\"");
    }

    @Test
    void cancelsAnExecThatNobodyPicksUp() throws Exception {
        var exchange =
                FakeExchange.with("{\"command\":[\"sleep\",\"100\"],\"process\":\"alone\",\"timeoutSeconds\":0}");
        var served = CompletableFuture.runAsync(() -> {
            try {
                serve(Calls.post("exec"), exchange);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> serve(Calls.get("processes")).text().contains("0a1b2c3d.alone"));
        exchange.leave();
        assertThatThrownBy(served::join).isInstanceOf(java.util.concurrent.CompletionException.class);
        await().until(() -> serve(Calls.get("processes")).text().contains("canceled by disconnect"));
    }

    @Test
    void cancelsAndSignals() throws IOException {
        for (var name : List.of("one", "two")) {
            var started = exec("{\"command\":[\"sleep\",\"100\"],\"detach\":true,\"process\":\"%s\"}".formatted(name));
            assertThat(started.status()).isEqualTo(202);
        }
        assertThat(serve(Calls.delete("processes").query("process", "one")).status())
                .isEqualTo(204);
        serve(Calls.delete("processes").query("process", "two").query("signal", "KILL"));
        assertThat(end("one")).contains("\"reason\":\"canceled\"", "canceled by alice");
        assertThat(end("two")).contains("\"reason\":\"signaled\"", "\"exitCode\":137");
        assertThatThrownBy(() -> serve(Calls.delete("processes").query("process", "three")))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.NotFound.class));
    }

    @Test
    void writesReadsListsAndAppends() throws IOException {
        var name = Calls.put("files").query("path", "dir/a.txt");
        assertThat(write(name.query("mode", "0750"), "hello ").status()).isEqualTo(201);
        assertThat(write(name.query("offset", "6"), "world").json()).containsEntry("bytes", 11);
        assertThatThrownBy(() -> write(name.query("offset", "6"), "again")).hasMessageContaining("11");
        assertThatThrownBy(() -> write(name.header("if-none-match", "*"), "new"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.PreconditionFailed.class));
        var read = Calls.get("files").query("path", "/workspace/dir/a.txt");
        var whole = serve(read);
        assertThat(whole.text()).isEqualTo("hello world");
        assertThat(whole.headers()).containsEntry("AgentTier-File-Mode", "0750").containsKeys("ETag", "Last-Modified");
        assertThat(serve(read.header("range", "bytes=6-")).text()).isEqualTo("world");
        assertThat(serve(read.header("if-none-match", whole.headers().getOrDefault("ETag", "")))
                        .status())
                .isEqualTo(304);
        assertThatThrownBy(() -> serve(read.header("range", "bytes=99-")))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error()).isInstanceOf(ApiError.RangeNotSatisfiable.class));
        assertThat(serve(Calls.get("files").query("path", "dir")).at("entries.0.name"))
                .isEqualTo("a.txt");
        assertThat(serve(read.query("stat", "true")).at("size")).isEqualTo(11);
        assertThatThrownBy(() -> serve(Calls.get("files").query("path", "../etc/passwd")))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadRequest.class));
    }

    @Test
    void makesFoldersMovesAndRemoves() throws IOException {
        change(
                "{\"operation\":\"mkdir\",\"path\":\"m/empty\",\"mode\":\"0700\",\"mtime\":\"2001-02-03T04:05:06.000000007Z\"}");
        var empty = serve(Calls.get("files").query("path", "m/empty").query("stat", "true"));
        assertThat(empty.json())
                .containsEntry("isDir", true)
                .containsEntry("mode", "0700")
                .containsEntry("modifiedAt", "2001-02-03T04:05:06.000000007Z");
        write(Calls.put("files").query("path", "m/part").query("mtime", "2001-02-03T04:05:06Z"), "x");
        change("{\"operation\":\"move\",\"path\":\"m/part\",\"to\":\"m/whole\"}");
        assertThat(serve(Calls.get("files").query("path", "m/whole")).headers())
                .containsEntry("Last-Modified", "Sat, 03 Feb 2001 04:05:06 GMT");
        assertThatThrownBy(() -> change("{\"operation\":\"move\",\"path\":\"m/whole\",\"to\":\"m/empty\"}"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Conflict.class));
        assertThatThrownBy(() -> serve(Calls.delete("files").query("path", "m")))
                .hasMessageContaining("is a folder with content");
        assertThat(serve(Calls.delete("files").query("path", "m").query("recursive", "true"))
                        .status())
                .isEqualTo(204);
        assertThatThrownBy(() -> serve(Calls.get("files").query("path", "m")))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.NotFound.class));
    }

    private void change(String body) throws IOException {
        write(Calls.post("files"), body);
    }

    @Test
    void uploadsAndDownloadsLargeFilesOfUnknownLength() throws IOException {
        var content = "0123456789abcdef".repeat(1 << 17);
        var exchange = FakeExchange.with(content).chunked();
        serve(Calls.put("files").query("path", "large"), exchange);
        assertThat(exchange.json()).containsEntry("bytes", content.length());
        assertThat(serve(Calls.get("files").query("path", "large")).text()).isEqualTo(content);
    }

    @Test
    void carriesEightMebibytesThroughCatByWebSocket() throws IOException {
        var random = new byte[8 << 20];
        new Random(3).nextBytes(random);
        var exchange = FakeExchange.empty();
        for (int done = 0; done < random.length; done += 65536) {
            exchange.socket.says(ChannelFrames.STDIN, Arrays.copyOfRange(random, done, done + 65536));
        }
        exchange.socket.halfCloses();
        serve(
                webSocket("exec")
                        .query("command", List.of("sh", "-c", "cat; echo done >&2; exit 42"))
                        .query("stdin", "true")
                        .query("stdout", "true")
                        .query("stderr", "true"),
                exchange);
        assertThat(exchange.socket.bytes(ChannelFrames.STDOUT)).isEqualTo(random);
        assertThat(exchange.socket.heard(ChannelFrames.STDERR)).isEqualTo("done\n");
        assertThat(exchange.socket.heard(ChannelFrames.ERROR)).contains("\"NonZeroExitCode\"", "\"42\"");
    }

    @Test
    void carriesSixteenMebibytesToAPortAndBackWithTheEndOfEachDirection() throws Exception {
        var random = new byte[16 << 20];
        new Random(5).nextBytes(random);
        var exchange = FakeExchange.empty();
        for (int done = 0; done < random.length; done += 65536) {
            exchange.socket.says(ChannelFrames.STDIN, Arrays.copyOfRange(random, done, done + 65536));
        }
        exchange.socket.halfCloses();
        try (var port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var echo = Thread.ofVirtual().start(() -> {
                try (var accepted = port.accept()) {
                    accepted.getInputStream().transferTo(accepted.getOutputStream());
                    accepted.getOutputStream().write("end".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            serve(webSocket("portforward").query("port", Integer.toString(port.getLocalPort())), exchange);
            echo.join();
        }
        var heard = exchange.socket.bytes(ChannelFrames.STDOUT);
        assertThat(heard).hasSize(random.length + 3);
        assertThat(Arrays.copyOf(heard, random.length)).isEqualTo(random);
        assertThat(exchange.socket.bytes(ChannelFrames.CLOSE)).containsExactly(ChannelFrames.STDOUT);
        assertThat(exchange.socket.status()).containsEntry("status", "Success");
        assertThat(exchange.notes)
                .containsEntry("bytes-to-port", "16777216")
                .containsEntry("bytes-from-port", "16777219");
    }

    @Test
    void saysThatNothingListensBeforeItAnswers101() throws IOException {
        int free;
        try (var port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = port.getLocalPort();
        }
        var exchange = FakeExchange.empty();
        assertThatThrownBy(() -> serve(webSocket("portforward").query("port", Integer.toString(free)), exchange))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error())
                                .isInstanceOf(ApiError.NoAnswer.class)
                                .extracting(ApiError::message)
                                .asString()
                                .contains("nothing listens on port " + free));
        assertThat(exchange.hasBegun()).isFalse();
    }

    @Test
    void startsDetachedThenAttachesAndGoesOnWhereStdinStood() throws Exception {
        exec("{\"command\":[\"cat\"],\"detach\":true,\"openStdin\":true,\"process\":\"fed\"}");
        var first = FakeExchange.empty();
        first.socket.says(ChannelFrames.STDIN, "one ");
        var served = inBackground(webSocket("attach").query("process", "fed").query("stdin", "true"), first);
        await().until(() -> first.socket.heard(ChannelFrames.STDOUT).equals("one "));
        first.leave();
        served.join();
        await().until(
                        () -> String.valueOf(serve(Calls.get("processes")).json()),
                        text -> text.contains("bytesStdin=4") && text.contains("stdinOpen=true"));
        var second = FakeExchange.empty();
        second.socket.says(ChannelFrames.STDIN, "two").halfCloses();
        serve(webSocket("attach").query("process", "fed").query("stdin", "true").query("takeover", "true"), second);
        assertThat(second.headers()).containsEntry("AgentTier-Stdin-Offset", "4");
        assertThat(second.socket.heard(ChannelFrames.STDOUT)).isEqualTo("one two");
        assertThat(second.socket.status()).containsEntry("status", "Success");
    }

    @Test
    void givesATerminalOfTheSizeAskedForAndResizesIt() throws IOException {
        var exchange = FakeExchange.empty();
        exchange.socket
                .says(ChannelFrames.RESIZE, "{\"Width\":70,\"Height\":20}")
                .says(ChannelFrames.STDIN, "go\n");
        serve(
                webSocket("exec")
                        .query("command", List.of("sh", "-c", "stty size; read word; stty size; exit 3"))
                        .query("stdin", "true")
                        .query("stdout", "true")
                        .query("tty", "true")
                        .query("cols", "90")
                        .query("rows", "30"),
                exchange);
        assertThat(exchange.socket.heard(ChannelFrames.STDOUT)).contains("20 70\r\n");
        assertThat(exchange.socket.heard(ChannelFrames.ERROR)).contains("\"3\"");
    }

    @Test
    void cancelsWhatALostWebSocketLeavesBehindAndKeepsWhatIsToBeKept() throws Exception {
        for (var mode : List.of("cancel", "keep")) {
            var exchange = FakeExchange.empty();
            var served = inBackground(
                    webSocket("exec")
                            .query("command", List.of("sh", "-c", "echo begun; sleep 3; echo done"))
                            .query("stdout", "true")
                            .query("process", "ws-" + mode)
                            .query("onDisconnect", mode),
                    exchange);
            await().until(() -> exchange.socket.heard(ChannelFrames.STDOUT).startsWith("begun"));
            exchange.leave();
            served.join();
        }
        // asking for its log would be a reader, for which the process goes on
        await().until(
                        () -> String.valueOf(serve(Calls.get("processes")).json()),
                        text -> text.matches(".*id=0a1b2c3d.ws-cancel[^{]*exit=\\{[^}]*reason=canceled.*"));
        assertThat(end("ws-keep")).contains("\"reason\":\"completed\"", "done");
    }

    @Test
    void refusesASecondWriterBeforeItSwitches() throws Exception {
        exec("{\"command\":[\"cat\"],\"detach\":true,\"openStdin\":true,\"process\":\"one-writer\"}");
        var first = FakeExchange.empty();
        var calls = webSocket("attach").query("process", "one-writer").query("stdin", "true");
        var served = inBackground(calls, first);
        await().until(first::hasBegun);
        assertThatThrownBy(() -> serve(calls, FakeExchange.empty()))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Conflict.class));
        assertThatThrownBy(() -> serve(webSocket("attach").query("process", "ws-none"), FakeExchange.empty()))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.NotFound.class));
        first.socket.halfCloses();
        served.join();
    }

    private static Calls webSocket(String subresource) {
        return Calls.get(subresource).upgrade("v5.channel.k8s.io");
    }

    private CompletableFuture<Void> inBackground(Calls calls, FakeExchange exchange) {
        return CompletableFuture.runAsync(() -> {
            try {
                serve(calls, exchange);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private String end(String process) throws IOException {
        return serve(Calls.get("log")
                        .query("process", process)
                        .query("follow", "true")
                        .events())
                .text();
    }

    private FakeExchange exec(String body) throws IOException {
        var exchange = FakeExchange.with(body);
        serve(Calls.post("exec"), exchange);
        return exchange;
    }

    private FakeExchange write(Calls calls, String body) throws IOException {
        var exchange = FakeExchange.with(body);
        serve(calls, exchange);
        return exchange;
    }

    private FakeExchange serve(Calls calls) throws IOException {
        var exchange = FakeExchange.empty();
        serve(calls, exchange);
        return exchange;
    }

    private void serve(Calls calls, FakeExchange exchange) throws IOException {
        Objects.requireNonNull(subresources.get(calls.subresource())).serve(calls.call(), exchange);
    }

    /** Nothing is stopped or resumed here. */
    static final class NoPower implements Power {
        @Override
        public void stop(SandboxState state, String by) {
            throw new AssertionError(by);
        }

        @Override
        public void resume(SandboxState state, String by, Instant startRequestedAt, boolean newVolume) {
            throw new AssertionError(by);
        }
    }

    /** Nor declared. */
    static final class NoPorts implements Ports {
        @Override
        public Optional<PortSet> live(String namespace, String name) {
            throw new AssertionError(name);
        }

        @Override
        public boolean apply(PortSet set, List<DeclaredPort> own) {
            throw new AssertionError(own);
        }
    }
}
