package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Call;
import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import io.agenttier.cli.fake.FakeCat;
import io.agenttier.cli.fake.FakeProcess;
import io.agenttier.cli.fake.FakeSocket;
import io.agenttier.cli.fake.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code exec -i} and {@code -it} over connections that break. */
@Timeout(120)
class StreamedExecTest {
    private static final String SUCCESS = "{\"metadata\":{},\"status\":\"Success\"}";

    private FakeApiServer server;
    private CliRun cli;
    private final AtomicInteger connections = new AtomicInteger();

    /** What the server does with the nth connection to the process, from 1. */
    private interface Connection {
        void serve(int number, Call call, Reply reply) throws Exception;
    }

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        server = new FakeApiServer();
        cli = new CliRun(Cluster.kubeconfig(folder, server));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void attached(Connection connection) {
        server.answering((call, reply) -> {
            if (call.method().equals("POST")) {
                reply.json(202, "{\"process\":\"%s\"}".formatted(FakeProcess.ID));
            } else if (call.method().equals("DELETE")) {
                reply.raw("HTTP/1.1 204 No Content\r\n\r\n");
            } else if (call.path().endsWith("/processes")) {
                reply.json(200, "{\"items\":[{\"id\":\"%s\",\"bytesStdin\":0}]}".formatted(FakeProcess.ID));
            } else {
                connection.serve(connections.incrementAndGet(), call, reply);
            }
        });
    }

    private int exec(String flags) {
        return cli.run("exec", "web", flags, "--", "cat");
    }

    @Test
    void losesAndDoublesNothingWhereverItIsCut() {
        int connectionsInAll = 0;
        for (int seed = 0; seed < 60; seed++) {
            var random = new Random(seed);
            var input = new byte[random.nextInt(200_000)];
            random.nextBytes(input);
            var cat = new FakeCat(random, random.nextInt(8));
            server.answering(cat);
            cli.out.reset();
            assertThat(cli.reading(input).run("exec", "web", "-i", "--", "cat"))
                    .as("exit code, seed %d, %s", seed, cli.stderr())
                    .isEqualTo(3);
            assertThat(cat.input()).as("what the process got, seed %d", seed).isEqualTo(input);
            assertThat(cli.out.toByteArray())
                    .as("what came back, seed %d", seed)
                    .isEqualTo(input);
            connectionsInAll += cat.connections();
        }
        assertThat(connectionsInAll).isGreaterThan(120);
        assertThat(cli.stderr()).isEmpty();
    }

    @Test
    void carriesMoreInputThanItKeeps() {
        var input = new byte[10 << 20];
        new Random(1).nextBytes(input);
        var cat = new FakeCat(new Random(1), 3);
        server.answering(cat);
        assertThat(cli.reading(input).run("exec", "web", "-i", "--", "cat")).isEqualTo(3);
        assertThat(Arrays.equals(cat.input(), input)).isTrue();
        assertThat(Arrays.equals(cli.out.toByteArray(), input)).isTrue();
        assertThat(server.calls())
                .as("asked how much has arrived")
                .anyMatch(call -> call.path().endsWith("/processes"));
    }

    @Test
    void carriesMoreInputThanItKeepsAlsoWhereItMayNotAskHowMuchArrived() {
        var input = new byte[9 << 20];
        new Random(2).nextBytes(input);
        var cat = new FakeCat(new Random(2), 0);
        server.answering((call, reply) -> {
            if (call.path().endsWith("/processes")) {
                reply.status(403, "Forbidden", "no");
            } else {
                cat.answer(call, reply);
            }
        });
        assertThat(cli.reading(input).run("exec", "web", "-i", "--", "cat")).isEqualTo(3);
        assertThat(Arrays.equals(cli.out.toByteArray(), input)).isTrue();
        assertThat(cat.connections()).isGreaterThan(1);
    }

    @Test
    void readsOutputWhileTheProcessTakesNoInput() {
        var shown = new Semaphore(0);
        cli.writingTo(new OutputStream() {
            @Override
            public void write(int b) {
                shown.release();
            }
        });
        attached((number, call, reply) -> {
            var socket = reply.joined(call, 0, 0);
            for (int i = 0; i < 300; i++) {
                socket.ping();
                socket.send(FakeSocket.STDOUT, "x");
                shown.acquire();
            }
            socket.end(SUCCESS, 1000, "");
            // a reset because of what was not read would overtake the end
            while (true) {
                socket.receive();
            }
        });
        assertThat(cli.reading(new byte[4 << 20]).run("exec", "web", "-i", "--", "cat"))
                .isZero();
    }

    @Test
    void takesASilentConnectionForLost() {
        cli.patientFor(Duration.ofMillis(100));
        attached((number, call, reply) -> {
            var socket = reply.joined(call, 0, 0);
            if (number == 1) {
                socket.receive();
                socket.receive();
                return;
            }
            assertThat(call.query("takeover"))
                    .as("the lost one may still count")
                    .isEqualTo("true");
            socket.end(SUCCESS, 1000, "");
        });
        assertThat(exec("-i")).as(cli.stderr()).isZero();
        assertThat(connections).hasValue(2);
    }

    @Test
    void aCutAfterTheStatusLosesNothing() {
        attached((number, call, reply) -> reply.joined(call, 0, 0).send(FakeSocket.STATUS, FakeCat.EXIT_3));
        assertThat(exec("-i")).isEqualTo(3);
        assertThat(connections).hasValue(1);
    }

    @Test
    void saysWhoWritesNowAndHowToTakeItBack() {
        attached((number, call, reply) -> reply.joined(call, 0, 0)
                .end(
                        "{\"status\":\"Failure\",\"reason\":\"Conflict\",\"message\":\"another client\"}",
                        4009,
                        "stdin_taken"));
        assertThat(exec("-i")).isEqualTo(1);
        assertThat(cli.stderr())
                .contains("another client has taken over the standard input of process " + FakeProcess.ID)
                .contains("which runs on")
                .contains("kubectl sandbox attach web --process " + FakeProcess.ID + " --takeover");
        assertThat(connections).as("it does not take it back").hasValue(1);
    }

    @Test
    void noticesInputThatAnotherClientWroteMeanwhile() {
        attached((number, call, reply) -> {
            var socket = reply.joined(call, 0, number == 1 ? 0 : 100);
            if (number == 1) {
                socket.receive();
            }
        });
        assertThat(cli.reading(new byte[10]).run("exec", "web", "-i", "--", "cat"))
                .isEqualTo(1);
        assertThat(cli.stderr()).contains("has 100 bytes of standard input", "another client wrote to it");
    }

    @ParameterizedTest
    @CsvSource({"4001,sandbox_stopped,was stopped", "4001,sandbox_deleted,was deleted"})
    void tellsThatTheSandboxIsGone(int code, String reason, String words) {
        attached((number, call, reply) -> reply.joined(call, 0, 0)
                .end("{\"status\":\"Failure\",\"reason\":\"Canceled\",\"message\":\"canceled\"}", code, reason));
        assertThat(exec("-i")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("lost: the sandbox %s while the process ran%n".formatted(words));
        assertThat(connections).hasValue(1);
    }

    @Test
    void asksAgainWhenItsRightHasEndedAndShowsTheRefusal() {
        attached((number, call, reply) -> {
            if (number == 1) {
                reply.joined(call, 0, 0)
                        .end(
                                "{\"status\":\"Failure\",\"reason\":\"Forbidden\",\"message\":\"ended\"}",
                                4003,
                                "access_revoked");
            } else {
                reply.status(403, "Forbidden", "cannot get resource sandboxes/attach");
            }
        });
        assertThat(exec("-i")).isEqualTo(1);
        assertThat(cli.stderr())
                .startsWith("Error from server (Forbidden): cannot get")
                .contains("may run on as process " + FakeProcess.ID);
    }

    @Test
    void warnsOfOutputThatTheQuotaDroppedAndGoesOnBehindIt() {
        attached((number, call, reply) -> {
            var socket = reply.joined(call, number == 1 ? 0 : 1003, 0);
            switch (number) {
                case 1 -> socket.send(FakeSocket.STDOUT, "abc");
                case 2 -> {
                    assertThat(call.query("offset")).isEqualTo("3");
                    socket.send(FakeSocket.STDOUT, "de");
                }
                default -> {
                    assertThat(call.query("offset")).isEqualTo("1005");
                    socket.end(SUCCESS, 1000, "");
                }
            }
        });
        assertThat(exec("-i")).as("no success with a part of the output").isEqualTo(1);
        assertThat(cli.stdout()).isEqualTo("abcde");
        assertThat(cli.stderr())
                .containsOnlyOnce("warning: 1000 bytes of output, from offset 3 on, were dropped")
                .contains("incomplete: the command ended with exit code 0, but 1000 bytes of its output are missing");
    }

    @Test
    void aGapWithinAConnectionIsSaidOnceAndTheCommandsOwnFailureStands() {
        attached((number, call, reply) -> {
            var socket = reply.joined(call, number == 1 ? 0 : 50, 0);
            if (number == 1) {
                socket.end(
                        "{\"status\":\"Failure\",\"reason\":\"Expired\",\"message\":\"output from 0 to 50\"}",
                        4009,
                        "error");
            } else {
                socket.end(FakeCat.EXIT_3, 1000, "");
            }
        });
        assertThat(exec("-i")).isEqualTo(3);
        assertThat(cli.stderr()).hasLineCount(1).startsWith("warning: 50 bytes of output, from offset 0 on");
    }

    @ParameterizedTest
    @CsvSource({
        "404,NotFound,lost: the outcome of process",
        "410,Gone,lost: the outcome of process",
        "403,Forbidden,Error from server (Forbidden): said",
        "409,Conflict,Error from server (Conflict): said"
    })
    void showsWhyItCannotGoOn(int code, String reason, String words) {
        attached((number, call, reply) -> {
            if (number == 1) {
                reply.joined(call, 0, 0);
            } else {
                reply.status(code, reason, "said");
            }
        });
        assertThat(exec("-i")).isEqualTo(1);
        assertThat(cli.stderr()).startsWith(words).contains("said", FakeProcess.ID);
        assertThat(connections).hasValue(2);
    }

    @Test
    void aStartWhoseAnswerWasLostIsRepeatedUnderItsName() {
        var starts = new AtomicInteger();
        server.answering((call, reply) -> {
            if (call.method().equals("POST")) {
                switch (starts.incrementAndGet()) {
                    case 1 -> {
                        return;
                    }
                    case 2 -> reply.plain(503, "error trying to reach service: EOF");
                    default -> reply.json(202, "{\"process\":\"%s\"}".formatted(FakeProcess.ID));
                }
                return;
            }
            reply.joined(call, 0, 0).end(SUCCESS, 1000, "");
        });
        assertThat(exec("-i")).as(cli.stderr()).isZero();
        assertThat(server.calls())
                .filteredOn(call -> call.method().equals("POST"))
                .hasSize(3)
                .extracting(Call::text)
                .containsOnly(server.calls().getFirst().text());
    }

    @Test
    void inputThatBreaksOffIsNoEndOfInput() {
        attached((number, call, reply) -> reply.joined(call, 0, 0).receive());
        cli.reading(new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Is a directory");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return read();
            }
        });
        assertThat(exec("-i")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("cannot read standard input: Is a directory\n");
        assertThat(server.calls().getLast().method())
                .as("the command is canceled")
                .isEqualTo("DELETE");
    }

    @Test
    void aNoticeOnATerminalIsNoOutputOfTheProcess() {
        attached((number, call, reply) -> {
            var socket = reply.joined(call, 0, 0);
            switch (number) {
                case 1 -> {
                    socket.send(FakeSocket.STDOUT, "12345");
                    socket.send(FakeSocket.STDERR, "another client has taken over the keyboard\r\n");
                }
                default -> {
                    assertThat(call.query("offset")).isEqualTo("5");
                    assertThat(call.query("stdin")).as("it only watches").isEmpty();
                    socket.send(FakeSocket.STDOUT, "67");
                    socket.end(SUCCESS, 1000, "");
                }
            }
        });
        assertThat(exec("-it")).as(cli.stderr()).isZero();
        assertThat(cli.stdout()).isEqualTo("1234567");
        assertThat(cli.stderr()).contains("has taken over the keyboard", "Ctrl-C leaves");
    }

    @Test
    void aNoticeOfAStopLeavesTheKeyboardWhereItIs() {
        attached((number, call, reply) -> {
            var socket = reply.joined(call, 0, 0);
            switch (number) {
                case 1 -> {
                    socket.send(FakeSocket.STDOUT, "12345");
                    socket.send(FakeSocket.STDERR, "\r\nthe sandbox will be stopped soon\r\n");
                }
                default -> {
                    assertThat(call.query("offset")).isEqualTo("5");
                    assertThat(call.query("stdin")).isEqualTo("true");
                    socket.end(SUCCESS, 1000, "");
                }
            }
        });
        assertThat(exec("-it")).as(cli.stderr()).isZero();
        assertThat(cli.stdout()).isEqualTo("12345");
        assertThat(cli.stderr()).contains("the sandbox will be stopped soon").doesNotContain("only watches");
    }

    @Test
    void aTerminalGoesOnAfterACut() {
        attached((number, call, reply) -> {
            var socket = reply.joined(call, 0, number == 1 ? 0 : 1);
            assertThat(call.query("takeover")).isEqualTo(number == 1 ? "" : "true");
            if (number == 1) {
                assertThat(socket.receive()).containsExactly(FakeSocket.STDIN, 'l', 's', '\r');
                socket.send(FakeSocket.STDOUT, "$ l");
            } else {
                assertThat(call.query("offset")).isEqualTo("3");
                assertThat(socket.receive()).containsExactly(FakeSocket.STDIN, 's', '\r');
                socket.send(FakeSocket.STDOUT, "s\r\n");
                socket.end(FakeCat.EXIT_3, 1000, "");
            }
        });
        assertThat(cli.reading("ls\r".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        .run("exec", "web", "-it", "--", "sh"))
                .as(cli.stderr())
                .isEqualTo(3);
        assertThat(cli.stdout()).isEqualTo("$ ls\r\n");
    }
}
