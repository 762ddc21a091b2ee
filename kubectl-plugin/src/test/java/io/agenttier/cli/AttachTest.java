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
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code attach} to a process that runs and was written to before. */
@Timeout(60)
class AttachTest {
    private FakeApiServer server;
    private CliRun cli;
    private final AtomicInteger connections = new AtomicInteger();

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

    /** @param info further fields of the process */
    private void running(String info, Connection connection) {
        server.answering((call, reply) -> {
            if (call.path().endsWith("/processes")) {
                reply.json(200, "{\"items\":[{\"id\":\"%s\",%s}]}".formatted(FakeProcess.ID, info));
            } else {
                connection.serve(connections.incrementAndGet(), call, reply);
            }
        });
    }

    private int attach(String... flags) {
        var words = new java.util.ArrayList<>(java.util.List.of("attach", "web", "--process", FakeProcess.ID));
        words.addAll(java.util.List.of(flags));
        return cli.run(words.toArray(String[]::new));
    }

    @Test
    void writesBehindWhatOthersHaveWrittenAndGoesOnThereAfterACut() {
        running("\"offset\":0,\"stdinOpen\":true", (number, call, reply) -> {
            var socket = reply.joined(call, 0, number == 1 ? 1000 : 1002);
            if (number == 1) {
                assertThat(call.query("takeover")).isEmpty();
                assertThat(socket.receive()).containsExactly(FakeSocket.STDIN, 'a', 'b', 'c');
                return;
            }
            assertThat(call.query("takeover")).isEqualTo("true");
            assertThat(socket.receive()).containsExactly(FakeSocket.STDIN, 'c');
            socket.send(FakeSocket.STDOUT, "got it");
            socket.end(FakeCat.EXIT_3, 1000, "");
        });
        cli.reading("abc".getBytes(StandardCharsets.US_ASCII));
        assertThat(attach()).as(cli.stderr()).isEqualTo(3);
        assertThat(cli.stdout()).isEqualTo("got it");
    }

    @Test
    void goesOnAtTheOffsetItHasEvenIfTheBeginningIsGone() {
        running("\"offset\":100000,\"stdinOpen\":false", (number, call, reply) -> {
            var socket = reply.joined(call, 90_000, 0);
            assertThat(call.query("stdin")).isEmpty();
            if (number == 1) {
                assertThat(call.query("offset")).isEqualTo(String.valueOf(100_000 - 16 * 1024));
                socket.send(FakeSocket.STDOUT, "12345");
                socket.send(FakeSocket.STDERR, "67");
            } else {
                assertThat(call.query("offset")).as("counted from what is kept").isEqualTo("90007");
                socket.end(FakeCat.EXIT_3, 1000, "");
            }
        });
        assertThat(attach()).isEqualTo(3);
        assertThat(cli.stdout()).isEqualTo("12345");
        assertThat(cli.stderr()).as("nobody asked for what was before").isEqualTo("67");
    }

    @Test
    void warnsOfAMissingBeginningThatWasAskedFor() {
        running(
                "\"offset\":100000,\"stdinOpen\":false",
                (number, call, reply) -> reply.joined(call, 90_000, 0).end("{\"status\":\"Success\"}", 1000, ""));
        assertThat(attach("--offset", "10")).isEqualTo(1);
        assertThat(cli.stderr()).startsWith("warning: 89990 bytes of output, from offset 10 on, were dropped");
    }

    @ParameterizedTest
    @CsvSource({
        "403,Forbidden,no",
        "404,NotFound,no",
        "409,Conflict,it is Stopped",
        "409,Conflict,another writes: takeover=true",
        "410,Gone,no"
    })
    void showsARefusalAsTheServerSaysIt(int code, String reason, String said) {
        running("\"offset\":0,\"stdinOpen\":true", (number, call, reply) -> reply.status(code, reason, said));
        assertThat(attach()).isEqualTo(1);
        assertThat(cli.stderr()).startsWith("Error from server (%s): %s".formatted(reason, said));
        assertThat(cli.stderr().contains("--takeover")).isEqualTo(said.contains("takeover"));
        assertThat(connections).hasValue(1);
    }

    @Test
    void ctrlCLeavesATerminalThatOnlyWatches() throws Exception {
        var keys = new PipedOutputStream();
        running("\"offset\":0,\"stdinOpen\":true,\"tty\":true", (number, call, reply) -> {
            var socket = reply.joined(call, 0, 0);
            socket.send(FakeSocket.STDERR, "another client has taken over the keyboard\r\n");
            socket.send(FakeSocket.STDOUT, "x");
            while (!cli.stdout().equals("x")) {
                Thread.onSpinWait();
            }
            keys.write("a\u0003".getBytes(StandardCharsets.US_ASCII));
            keys.flush();
            // reads until the client has gone
            socket.receive();
            throw new AssertionError("keys of one who only watches");
        });
        try (InputStream typed = new PipedInputStream(keys)) {
            cli.reading(typed);
            assertThat(attach()).as(cli.stderr()).isZero();
        }
    }
}
