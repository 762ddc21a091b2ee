package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import io.agenttier.cli.fake.FakeProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code logs -f} over connections that break. */
@Timeout(60)
class LogsFollowTest {
    private static final String DONE = "{\"exitCode\":0,\"durationMs\":1,\"reason\":\"completed\"}";
    private static final String START = "event: start\ndata: {\"process\":\"%s\"}\n\n".formatted(FakeProcess.ID);

    private FakeApiServer server;
    private CliRun cli;
    private final AtomicInteger connections = new AtomicInteger();

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
    void losesAndDoublesNothingWhereverItIsCut() {
        for (int seed = 0; seed < 40; seed++) {
            var random = new Random(seed);
            var bytes = new byte[random.nextInt(1, 3000)];
            random.nextBytes(bytes);
            var process = new FakeProcess(DONE).writes("stdout", bytes);
            var cuts = new AtomicInteger(random.nextInt(6));
            server.answering((call, reply) -> {
                var events = process.events(Integer.parseInt(call.query("offset")), random);
                reply.events();
                if (cuts.getAndDecrement() > 0) {
                    reply.chunk(Arrays.copyOf(events, random.nextInt(events.length)));
                    return;
                }
                reply.chunk(events);
                reply.end();
            });
            cli.out.reset();
            assertThat(cli.run("logs", "web", "job", "-f")).as("seed %d", seed).isZero();
            assertThat(cli.out.toByteArray()).as("seed %d", seed).isEqualTo(bytes);
        }
    }

    @Test
    void goesOnWithAProcessThatHasWrittenNothingYet() {
        server.answering((call, reply) -> {
            switch (connections.incrementAndGet()) {
                case 1 -> {
                    reply.events();
                    reply.chunk(START);
                }
                case 2 -> reply.plain(503, "error trying to reach service: EOF");
                default -> {
                    reply.events();
                    reply.chunk(new FakeProcess(DONE).writes("stdout", "late").events(0, new Random(1)));
                    reply.end();
                }
            }
        });
        assertThat(cli.run("logs", "web", "job", "-f")).as(cli.stderr()).isZero();
        assertThat(cli.stdout()).isEqualTo("late");
    }

    @Test
    void takesASilentStreamForLost() {
        cli.patientFor(Duration.ofMillis(100));
        server.answering((call, reply) -> {
            reply.events();
            if (connections.incrementAndGet() == 1) {
                reply.silence();
            }
            reply.chunk(new FakeProcess(DONE).writes("stdout", "on").events(0, new Random(1)));
            reply.end();
        });
        assertThat(cli.run("logs", "web", "job", "-f")).as(cli.stderr()).isZero();
        assertThat(cli.stdout()).isEqualTo("on");
    }

    @Test
    void aGapInTheMiddleIsAFailureAndABeginningThatIsGoneIsNot() {
        var gap =
                "event: gap\ndata: {\"from\":%d,\"to\":%d}\n\nevent: log\ndata: {\"stream\":\"stdout\",\"data\":\"end\",\"offset\":%d}\n\n";
        server.answering((call, reply) -> {
            reply.events();
            reply.chunk(START + gap.formatted(0, 7, 10));
            if (connections.incrementAndGet() == 2) {
                reply.chunk(gap.formatted(10, 110, 113));
            }
            reply.chunk("event: exit\ndata: " + DONE + "\n\n");
            reply.end();
        });
        assertThat(cli.run("logs", "web", "job", "-f")).isZero();
        assertThat(cli.stderr()).startsWith("warning: 7 bytes of output, from offset 0 on");
        assertThat(cli.run("logs", "web", "job", "-f")).isEqualTo(1);
        assertThat(cli.stderr()).contains("warning: 100 bytes of output, from offset 10 on");
    }

    @Test
    void showsARefusalAtOnce() {
        server.answering((call, reply) -> {
            connections.incrementAndGet();
            reply.status(410, "Gone", "its pod is gone");
        });
        assertThat(cli.run("logs", "web", "job", "-f")).isEqualTo(1);
        assertThat(cli.stderr()).startsWith("Error from server (Gone): its pod is gone");
        assertThat(connections).hasValue(1);
    }
}
