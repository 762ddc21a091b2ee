package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Call;
import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import io.agenttier.cli.fake.FakeProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InvokeTest {
    private static final String WEB = "/apis/agenttier.io/subresources-v1alpha1/namespaces/team1/sandboxes/web/";
    private static final String ID = "inv-0a1b2c3d0123456789abcdef";
    private static final String DONE = "{\"exitCode\":0,\"durationMs\":1,\"reason\":\"completed\"}";

    private FakeApiServer server;
    private CliRun cli;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws Exception {
        server = new FakeApiServer();
        cli = new CliRun(Cluster.kubeconfig(folder, server));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void keepsBothStreamsApartAndEndsWithTheAgentsCode() {
        var process = new FakeProcess("{\"exitCode\":42,\"durationMs\":1,\"reason\":\"completed\"}")
                .writes("stdout", "out\n")
                .writes("stderr", "err\n")
                .writes("stdout", new byte[] {0, (byte) 0xff, 10});
        answeringWith(process);
        assertThat(cli.run("invoke", "web", "--timeout", "1500ms")).isEqualTo(42);
        assertThat(cli.out.toByteArray()).isEqualTo(process.stdout());
        assertThat(cli.err.toByteArray()).isEqualTo(process.stderr());
        var call = server.calls().getFirst();
        assertThat(call.toString()).isEqualTo("POST " + WEB + "invoke?onDisconnect=keep&invokeTimeout=2s");
        assertThat(call.header("accept")).isEqualTo("text/event-stream");
        assertThat(call.header("content-type")).isEqualTo("application/octet-stream");
        assertThat(call.header("content-length")).isEqualTo("0");
        assertThat(call.header("idempotency-key")).matches("[0-9a-f]{32}");
    }

    @Test
    void endsWithTheCodeOfAnAgentThatCannotBeStarted() {
        var events = """
                event: start
                id: 0
                data: {"invokeId":"%1$s","startedAt":1}

                event: error
                id: 0
                data: {"message":"program \\"x\\" not found"}

                event: exit
                id: 0
                data: {"invokeId":"%1$s","exitCode":127,"durationMs":0,"reason":"error","message":"program \\"x\\" not found"}

                """.formatted(ID);
        server.answering((call, reply) -> {
            reply.events();
            reply.chunk(events.getBytes(StandardCharsets.UTF_8));
            reply.end();
        });
        assertThat(cli.run("invoke", "web")).isEqualTo(127);
        assertThat(cli.stderr()).contains("program \"x\" not found");
    }

    @Test
    void sendsTextAFileOrOurStandardInput() throws IOException {
        answeringWith(new FakeProcess(DONE));
        var bytes = new byte[300_000];
        new Random(1).nextBytes(bytes);
        var file = Files.write(folder.resolve("in"), bytes);
        assertThat(cli.run("invoke", "web", "--input", "grün")).isZero();
        assertThat(server.calls().getLast().text()).isEqualTo("grün");
        assertThat(cli.run("invoke", "web", "--input", "@" + file, "--idempotency-key", "k"))
                .isZero();
        assertThat(server.calls().getLast().body()).isEqualTo(bytes);
        assertThat(server.calls().getLast().header("idempotency-key")).isEqualTo("k");
        assertThat(cli.reading(bytes).run("invoke", "web", "--input", "-")).isZero();
        assertThat(server.calls().getLast().body()).isEqualTo(bytes);
        assertThat(cli.reading(bytes).run("invoke", "web")).isZero();
        assertThat(server.calls().getLast().body()).isEmpty();
    }

    @Test
    void sendsPromptAndArgumentsInAnEnvelope() {
        answeringWith(new FakeProcess(DONE));
        assertThat(cli.run("invoke", "web", "--prompt", "sum it", "--input", "x", "--", "-v", "--help"))
                .isZero();
        var call = server.calls().getLast();
        assertThat(call.header("content-type")).isEqualTo("application/vnd.agenttier.invoke+json");
        assertThat(call.text())
                .isEqualTo("{\"prompt\":\"sum it\",\"args\":[\"-v\",\"--help\"],\"stdinBase64\":\"eA==\"}");
        assertThat(call.target()).doesNotContain("sum");
    }

    @Test
    void refusesInputThatNoAgentTakes() {
        cli.reading(new byte[16 * 1024 * 1024 + 1]);
        assertThat(cli.run("invoke", "web", "--input", "-")).isEqualTo(1);
        assertThat(cli.stderr()).startsWith("standard input has more than 16777216 bytes");
        assertThat(cli.run("invoke", "web", "--input", "@/nonexistent")).isEqualTo(1);
        assertThat(cli.stderr()).endsWith("there is no file /nonexistent\n");
        assertThat(server.calls()).isEmpty();
    }

    @Test
    void losesAndDoublesNothingWhereverTheStreamIsCut() {
        for (int seed = 0; seed < 40; seed++) {
            var random = new Random(seed);
            var process = FakeProcess.random(random, "{\"exitCode\":7,\"durationMs\":1,\"reason\":\"completed\"}");
            var cuts = new AtomicInteger(random.nextInt(1, 5));
            server.calls().clear();
            server.answering((call, reply) -> {
                var events = events(process, call, random);
                if (cuts.getAndDecrement() > 0) {
                    int end = random.nextInt(events.length);
                    if (end > 0) {
                        reply.events();
                        reply.chunk(java.util.Arrays.copyOf(events, end));
                    }
                    return;
                }
                reply.events();
                reply.chunk(events);
                reply.end();
            });
            cli.out.reset();
            cli.err.reset();
            assertThat(cli.run("invoke", "web", "--input", "x"))
                    .as("seed %d", seed)
                    .isEqualTo(7);
            assertThat(cli.out.toByteArray()).as("seed %d", seed).isEqualTo(process.stdout());
            assertThat(cli.err.toByteArray()).as("seed %d", seed).isEqualTo(process.stderr());
            assertThat(posts().stream().map(call -> call.header("idempotency-key")))
                    .as("seed %d", seed)
                    .containsOnly(posts().getFirst().header("idempotency-key"));
            assertThat(posts()).allSatisfy(call -> assertThat(call.text()).isEqualTo("x"));
        }
    }

    @Test
    void followsContinueUnseenInTheMiddleOfACharacter() {
        server.answering((call, reply) -> {
            reply.events();
            if (call.method().equals("POST")) {
                reply.chunk(started() + log("stdout", "dataBase64\":\"Z8M=", 2) + """
                        event: continue
                        data: {"process":"%s","offset":2}

                        """.formatted(ID));
            } else {
                reply.chunk(log("stdout", "dataBase64\":\"vG4=", 4) + "event: exit\ndata: %s\n\n".formatted(DONE));
            }
            reply.end();
        });
        assertThat(cli.run("invoke", "web")).as(cli.stderr()).isZero();
        assertThat(cli.stdout()).isEqualTo("gün");
        assertThat(cli.stderr()).isEmpty();
        assertThat(server.calls()).hasSize(2);
        assertThat(server.calls().getLast().toString())
                .isEqualTo("GET " + WEB + "log?process=" + ID + "&offset=2&follow=true");
    }

    @Test
    void takesTheIdFromContinueWhenNothingElseNamedIt() {
        server.answering((call, reply) -> {
            reply.events();
            reply.chunk(
                    call.method().equals("POST")
                            ? "event: continue\ndata: {\"process\":\"%s\",\"offset\":0}\n\n".formatted(ID)
                            : "event: exit\ndata: %s\n\n".formatted(DONE));
            reply.end();
        });
        assertThat(cli.run("invoke", "web")).isZero();
        assertThat(server.calls().getLast().query("process")).isEqualTo(ID);
    }

    @Test
    void givesUpWhenNoAnswerEverComes() {
        server.answering((call, reply) -> {});
        assertThat(cli.run("invoke", "web")).isEqualTo(1);
        assertThat(cli.stderr()).contains("connection");
        assertThat(posts()).hasSize(6);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    timeout   | -1   |         | 1   | timeout: stopped after its time limit
                    canceled  | -1   |         | 1   | canceled: canceled
                    lost      | null |         | 1   | lost: its outcome is unknown
                    signaled  | 137  | SIGKILL | 137 | signaled: ended by signal SIGKILL
                    error     | 127  |         | 127 | error: could not be started
                    """)
    void endsWithTheOutcome(String reason, String code, String signal, int expected, String message) {
        answeringWith(new FakeProcess("{\"exitCode\":%s,\"durationMs\":1,\"reason\":\"%s\",\"signal\":\"%s\"}"
                .formatted(code, reason, signal == null ? "" : signal)));
        assertThat(cli.run("invoke", "web")).isEqualTo(expected);
        assertThat(cli.stderr()).isEqualTo(message + "\n");
        assertThat(cli.stdout()).isEmpty();
    }

    @Test
    void tellsAStartThatFailed() {
        server.answering((call, reply) -> {
            reply.events();
            reply.chunk("event: error\ndata: {\"message\":\"no room\"}\n\n");
            reply.end();
        });
        assertThat(cli.run("invoke", "web")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("error: no room\n");
        assertThat(server.calls()).hasSize(1);
    }

    @Test
    void tellsRefusalsInTheServersWords() {
        server.answering((call, reply) -> reply.status(424, "FailedDependency", "no entrypoint: configure it"));
        assertThat(cli.run("invoke", "web")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("Error from server (FailedDependency): no entrypoint: configure it\n");
        server.answering((call, reply) -> reply.status(429, "TooManyRequests", "runs 4 invokes, at most 4"));
        assertThat(cli.run("invoke", "web")).isEqualTo(1);
        assertThat(cli.stderr()).endsWith("Error from server (TooManyRequests): runs 4 invokes, at most 4\n");
        assertThat(server.calls()).hasSize(2);
    }

    @Test
    void comesBackWhenTheServerSaysThatNothingHasStarted() {
        var tries = new AtomicInteger();
        server.answering((call, reply) -> {
            if (tries.getAndIncrement() == 0) {
                reply.whole(
                        429,
                        "Content-Type: application/json\r\nRetry-After: 0",
                        "{\"kind\":\"Status\",\"code\":429}".getBytes(StandardCharsets.UTF_8));
                return;
            }
            reply.events();
            reply.chunk(events(new FakeProcess(DONE), call, new Random(1)));
            reply.end();
        });
        assertThat(cli.run("invoke", "web")).isZero();
        assertThat(tries).hasValue(2);
    }

    @Test
    void interruptCancelsTheInvocation() throws Exception {
        var running = new CountDownLatch(1);
        var canceled = new CountDownLatch(1);
        server.answering((call, reply) -> {
            if (call.method().equals("DELETE")) {
                reply.raw("HTTP/1.1 204 No Content\r\n\r\n");
                canceled.countDown();
                return;
            }
            reply.events();
            reply.chunk(started() + log("stdout", "data\":\"x", 1));
            canceled.await();
            reply.chunk("event: exit\ndata: {\"exitCode\":-1,\"reason\":\"canceled\"}\n\n");
            reply.end();
        });
        cli.writingTo(new OutputStream() {
            @Override
            public void write(int b) {
                running.countDown();
            }
        });
        var code = new CompletableFuture<Integer>();
        Thread.ofVirtual().start(() -> code.complete(cli.run("invoke", "web")));
        running.await();
        cli.interrupts.begin();
        assertThat(code.get()).isEqualTo(130);
        assertThat(server.calls().getLast().toString()).isEqualTo("DELETE " + WEB + "processes?process=" + ID);
    }

    @Test
    void interruptBeforeTheAnswerLearnsTheIdByTheKeyAndCancels() throws Exception {
        var first = new CountDownLatch(1);
        var canceled = new CountDownLatch(1);
        server.answering((call, reply) -> {
            if (call.method().equals("DELETE")) {
                reply.raw("HTTP/1.1 204 No Content\r\n\r\n");
                canceled.countDown();
                return;
            }
            if (first.getCount() > 0) {
                first.countDown();
                canceled.await();
                return;
            }
            reply.events();
            reply.chunk(started());
            canceled.await();
        });
        var code = new CompletableFuture<Integer>();
        Thread.ofVirtual().start(() -> code.complete(cli.run("invoke", "web", "--input", "x")));
        first.await();
        cli.interrupts.begin();
        assertThat(code.get()).isEqualTo(130);
        assertThat(server.calls())
                .anySatisfy(call -> assertThat(call.toString()).isEqualTo("DELETE " + WEB + "processes?process=" + ID));
        assertThat(posts().get(1).header("idempotency-key"))
                .isEqualTo(posts().get(0).header("idempotency-key"));
        assertThat(posts().get(1).text()).isEqualTo("x");
    }

    @Test
    void cancelsAnInvocationByItsId() {
        server.answering((call, reply) -> reply.raw("HTTP/1.1 204 No Content\r\n\r\n"));
        assertThat(cli.run("invoke", "web", "--cancel", ID)).isZero();
        assertThat(cli.stdout()).isEqualTo("invocation " + ID + " canceled\n");
        assertThat(server.calls().getLast().toString()).isEqualTo("DELETE " + WEB + "processes?process=" + ID);
    }

    private void answeringWith(FakeProcess process) {
        server.answering((call, reply) -> {
            reply.events();
            reply.chunk(events(process, call, new Random(1)));
            reply.end();
        });
    }

    /** As the server tells them: the start of an invoke names it otherwise than that of a log. */
    private static byte[] events(FakeProcess process, Call call, Random random) {
        boolean isStart = call.method().equals("POST");
        var events = process.events(isStart ? 0 : Integer.parseInt(call.query("offset")), random);
        var text = new String(events, StandardCharsets.UTF_8).replace(FakeProcess.ID, ID);
        return (isStart ? text.replaceFirst("\"process\"", "\"invokeId\"") : text).getBytes(StandardCharsets.UTF_8);
    }

    private static String started() {
        return "event: start\ndata: {\"invokeId\":\"%s\",\"startedAt\":1}\n\n".formatted(ID);
    }

    private static String log(String stream, String content, int end) {
        return "event: log\ndata: {\"stream\":\"%s\",\"%s\",\"offset\":%d}\n\n".formatted(stream, content, end);
    }

    private List<Call> posts() {
        return server.calls().stream()
                .filter(call -> call.method().equals("POST"))
                .toList();
    }
}
