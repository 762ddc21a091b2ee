package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import io.agenttier.cli.fake.FakeProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecTest {
    private static final String EXEC = "/apis/agenttier.io/subresources-v1alpha1/namespaces/team1/sandboxes/web/exec";
    private static final String DONE = "{\"exitCode\":0,\"durationMs\":1,\"reason\":\"completed\"}";

    private FakeApiServer server;
    private CliRun cli;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        server = new FakeApiServer();
        cli = new CliRun(Cluster.kubeconfig(folder, server));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void keepsBothStreamsApartAndEndsWithTheCommandsCode() {
        var process = new FakeProcess("{\"exitCode\":42,\"durationMs\":1,\"reason\":\"completed\"}")
                .writes("stdout", "out\n")
                .writes("stderr", "err\n")
                .writes("stdout", new byte[] {0, (byte) 0xff, 10});
        server.answering((call, reply) -> {
            reply.events();
            reply.chunk(process.events(0, new Random(1)));
            reply.end();
        });
        assertThat(cli.run(
                        "exec",
                        "web",
                        "--timeout",
                        "1500ms",
                        "--env",
                        "A=b=c",
                        "--workdir",
                        "/tmp",
                        "--",
                        "make",
                        "--help"))
                .isEqualTo(42);
        assertThat(cli.out.toByteArray()).isEqualTo(process.stdout());
        assertThat(cli.err.toByteArray()).isEqualTo(process.stderr());
        var call = server.calls().getFirst();
        assertThat(call.target()).isEqualTo(EXEC + "?onDisconnect=keep");
        assertThat(call.header("accept")).isEqualTo("text/event-stream");
        assertThat(call.text())
                .matches(
                        "\\{\"command\":\\[\"make\",\"--help\"],\"process\":\"kubectl-[0-9a-f]{16}\",\"timeoutSeconds\":2,\"env\":\\{\"A\":\"b=c\"},\"workingDir\":\"/tmp\"}");
    }

    @Test
    void losesAndDoublesNothingWhereverTheStreamIsCut() {
        for (int seed = 0; seed < 60; seed++) {
            var random = new Random(seed);
            var process = FakeProcess.random(random, "{\"exitCode\":7,\"durationMs\":1,\"reason\":\"completed\"}");
            var cuts = new AtomicInteger(random.nextInt(1, 5));
            server.answering((call, reply) -> {
                boolean isStart = call.method().equals("POST");
                int from = isStart ? 0 : Integer.parseInt(call.query("offset"));
                var events = process.events(from, random);
                reply.events();
                if (cuts.getAndDecrement() > 0) {
                    int end = isStart ? random.nextInt(80, events.length) : random.nextInt(events.length);
                    reply.chunk(java.util.Arrays.copyOf(events, end));
                    if (random.nextBoolean()) {
                        reply.end();
                    }
                    return;
                }
                reply.chunk(events);
                reply.end();
            });
            cli.out.reset();
            cli.err.reset();
            assertThat(cli.run("exec", "web", "--", "true")).as("seed %d", seed).isEqualTo(7);
            assertThat(cli.out.toByteArray()).as("seed %d", seed).isEqualTo(process.stdout());
            assertThat(cli.err.toByteArray()).as("seed %d", seed).isEqualTo(process.stderr());
        }
        assertThat(server.calls())
                .filteredOn(call -> call.method().equals("GET"))
                .allSatisfy(call -> assertThat(call.query("process")).isEqualTo(FakeProcess.ID));
    }

    @Test
    void findsTheProcessByItsOwnNameWhenTheConnectionIsLostBeforeTheStartIsConfirmed() {
        var process = new FakeProcess(DONE).writes("stdout", "x");
        server.answering((call, reply) -> {
            if (call.method().equals("POST")) {
                return;
            }
            reply.events();
            reply.chunk(process.events(0, new Random(1)));
        });
        assertThat(cli.run("exec", "web", "--", "true")).isZero();
        assertThat(cli.stdout()).isEqualTo("x");
        assertThat(server.calls())
                .filteredOn(call -> call.method().equals("POST"))
                .hasSize(1);
        assertThat(server.calls().getLast().query("process")).startsWith("kubectl-");
    }

    @Test
    void neverStartsTwiceAndSaysSoWhenTheStartIsUnclear() {
        server.answering((call, reply) -> {
            if (call.method().equals("GET")) {
                reply.status(404, "NotFound", "no such process");
            }
        });
        assertThat(cli.run("exec", "web", "--", "true")).isEqualTo(1);
        assertThat(cli.stderr()).contains("before the server confirmed the start", "probably not run");
        assertThat(server.calls())
                .filteredOn(call -> call.method().equals("POST"))
                .hasSize(1);
    }

    @Test
    void goesOnThroughErrorsOfTheAggregationLayer() {
        var process = new FakeProcess(DONE).writes("stdout", "hello");
        var tries = new AtomicInteger();
        server.answering((call, reply) -> {
            if (call.method().equals("POST")) {
                reply.events();
                reply.chunk(java.util.Arrays.copyOf(process.events(0, new Random(1)), 70));
                return;
            }
            switch (tries.incrementAndGet()) {
                case 1 -> reply.plain(503, "service unavailable");
                case 2 -> reply.plain(502, "error trying to reach service: EOF");
                case 3 -> reply.status(429, "TooManyRequests", "too busy");
                default -> {
                    reply.events();
                    reply.chunk(process.events(Integer.parseInt(call.query("offset")), new Random(2)));
                    reply.end();
                }
            }
        });
        assertThat(cli.run("exec", "web", "--", "true")).isZero();
        assertThat(cli.stdout()).isEqualTo("hello");
        assertThat(cli.stderr()).isEmpty();
    }

    @Test
    void callsAnOutcomeLostWhenThePodIsGone() {
        server.answering((call, reply) -> {
            if (call.method().equals("POST")) {
                reply.events();
                reply.chunk("event: start\ndata: {\"process\":\"%s\"}\n\n".formatted(FakeProcess.ID));
                return;
            }
            reply.status(410, "Gone", "its pod is gone");
        });
        assertThat(cli.run("exec", "web", "--", "true")).isEqualTo(1);
        assertThat(cli.stderr())
                .isEqualTo("lost: the outcome of process %s is unknown: its pod is gone\n".formatted(FakeProcess.ID));
    }

    @Test
    void tellsWhenGoingOnIsForbidden() {
        server.answering((call, reply) -> {
            if (call.method().equals("POST")) {
                reply.events();
                reply.chunk("event: start\ndata: {\"process\":\"%s\"}\n\n".formatted(FakeProcess.ID));
                return;
            }
            reply.status(403, "Forbidden", "cannot get resource sandboxes/log");
        });
        assertThat(cli.run("exec", "web", "--", "true")).isEqualTo(1);
        assertThat(cli.stderr())
                .startsWith("Error from server (Forbidden): cannot get")
                .contains("runs on as process " + FakeProcess.ID);
    }

    @Test
    void ctrlCCancelsTheProcessAndEndsWith130() throws Exception {
        var running = new CountDownLatch(1);
        var cancelled = new CountDownLatch(1);
        server.answering((call, reply) -> {
            if (call.method().equals("DELETE")) {
                reply.raw("HTTP/1.1 204 No Content\r\n\r\n");
                cancelled.countDown();
                return;
            }
            reply.events();
            reply.chunk(
                    "event: start\ndata: {\"process\":\"%s\"}\n\nevent: log\ndata: {\"stream\":\"stdout\",\"data\":\"on\",\"offset\":2}\n\n"
                            .formatted(FakeProcess.ID));
            cancelled.await();
            reply.chunk(
                    "event: exit\ndata: {\"exitCode\":-1,\"reason\":\"canceled\",\"message\":\"canceled by alice\"}\n\n");
            reply.end();
        });
        cli.writingTo(new OutputStream() {
            @Override
            public void write(int b) {
                running.countDown();
            }
        });
        var code = new java.util.concurrent.CompletableFuture<Integer>();
        Thread.ofVirtual().start(() -> code.complete(cli.run("exec", "web", "--", "sleep", "60")));
        running.await();
        cli.interrupts.begin();
        assertThat(code.get()).isEqualTo(130);
        var delete = server.calls().getLast();
        assertThat(delete.toString())
                .isEqualTo(
                        "DELETE /apis/agenttier.io/subresources-v1alpha1/namespaces/team1/sandboxes/web/processes?process="
                                + FakeProcess.ID);
    }

    @Test
    void cancelsTheProcessWhenNobodyReadsItsOutput() {
        server.answering((call, reply) -> {
            if (call.method().equals("DELETE")) {
                reply.raw("HTTP/1.1 204 No Content\r\n\r\n");
                return;
            }
            reply.events();
            reply.chunk(new FakeProcess(DONE).writes("stdout", "y\n").events(0, new Random(1)));
            reply.end();
        });
        cli.writingTo(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        });
        assertThat(cli.run("exec", "web", "--", "yes")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("cannot write to standard output: Broken pipe\n");
        assertThat(server.calls().getLast().method()).isEqualTo("DELETE");
    }

    @Test
    void saysHowToCancelByHandWhenCancellingIsForbidden() {
        server.answering((call, reply) -> {
            if (call.method().equals("DELETE")) {
                reply.status(403, "Forbidden", "no");
                return;
            }
            reply.events();
            reply.chunk(new FakeProcess(DONE).writes("stdout", "y\n").events(0, new Random(1)));
            reply.end();
        });
        cli.writingTo(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        });
        assertThat(cli.run("exec", "web", "--", "yes")).isEqualTo(1);
        assertThat(cli.stderr())
                .contains(
                        "may still run: Error from server (Forbidden): no",
                        "kubectl delete --raw '/apis/agenttier.io/");
    }

    @Test
    void detachedPrintsTheIdAndLeavesTheProcessAlone() {
        server.answering((call, reply) -> reply.json(202, "{\"process\":\"0a1b2c3d.build\",\"startedAt\":1}"));
        assertThat(cli.run("exec", "web", "--detach", "--", "make")).isZero();
        assertThat(cli.stdout()).isEqualTo("0a1b2c3d.build\n");
        assertThat(server.calls()).hasSize(1);
        assertThat(server.calls().getFirst().text()).contains("\"detach\":true");
    }

    @Test
    void marksMissingOutputGoesOnAndDoesNotCallItSuccess() {
        server.answering((call, reply) -> {
            reply.events();
            reply.chunk("event: start\ndata: {\"process\":\"p\"}\n\nevent: gap\ndata: {\"from\":0,\"to\":100}\n\n");
            reply.chunk(
                    "event: log\ndata: {\"stream\":\"stdout\",\"data\":\"end\",\"offset\":103}\n\nevent: exit\ndata: "
                            + DONE + "\n\n");
            reply.end();
        });
        assertThat(cli.run("exec", "web", "--", "true"))
                .as("no success with a part of the output")
                .isEqualTo(1);
        assertThat(cli.stdout()).isEqualTo("end");
        assertThat(cli.stderr())
                .startsWith("warning: 100 bytes of output, from offset 0 on, were dropped")
                .contains("incomplete: the command ended with exit code 0, but 100 bytes");
    }

    @Test
    void showsAStartThatFailedAsTheServerSaysIt() {
        server.answering((call, reply) -> {
            reply.events();
            reply.chunk("event: error\ndata: {\"message\":\"no room\"}\n\n");
            reply.end();
        });
        assertThat(cli.run("exec", "web", "--", "true")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("error: no room\n");
    }
}
