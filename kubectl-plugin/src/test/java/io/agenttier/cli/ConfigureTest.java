package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Call;
import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigureTest {
    private static final String WEB = "/apis/agenttier.io/subresources-v1alpha1/namespaces/team1/sandboxes/web/";
    private static final String ID = "install-0a1b2c3d0123456789abcdef";
    private static final String CONTINUE = "event: continue\ndata: {\"process\":\"%s\",\"offset\":4}\n\n".formatted(ID);

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
    void sendsFilesInstallAndEntrypointAndShowsTheInstallOnStandardError() throws IOException {
        answering(log("stdout", "one\n", 4) + log("stderr", "two\n", 8) + result("0", false));
        var file = Files.writeString(folder.resolve("agent.py"), "x");
        assertThat(cli.run(
                        "configure",
                        "web",
                        "--file",
                        "/workspace/agent.py=" + file,
                        "--install",
                        "pip install 'a b'",
                        "--entrypoint",
                        "python3 'my agent.py'"))
                .as(cli.stderr())
                .isZero();
        assertThat(cli.stderr()).isEqualTo("one\ntwo\n");
        assertThat(cli.stdout()).isEqualTo("web: configured, entrypoint python3 agent.py\n");
        var call = server.calls().getFirst();
        assertThat(call.toString()).isEqualTo("POST " + WEB + "configure");
        assertThat(call.header("accept")).isEqualTo("text/event-stream");
        assertThat(call.header("content-type")).isEqualTo("application/json");
        assertThat(call.text())
                .isEqualTo(
                        "{\"files\":[{\"path\":\"/workspace/agent.py\",\"contentBase64\":\"eA==\"}],\"installScript\":\"pip install 'a b'\",\"entrypoint\":[\"python3\",\"my agent.py\"]}");
    }

    @Test
    void takesTheEntrypointAfterTheDashesAsItIs() {
        answering(result("null", true));
        assertThat(cli.run("configure", "web", "--", "./run", "--help", "a b")).isZero();
        assertThat(server.calls().getFirst().text()).isEqualTo("{\"entrypoint\":[\"./run\",\"--help\",\"a b\"]}");
        assertThat(cli.stdout())
                .isEqualTo("web: files and install are in force already, entrypoint python3 agent.py\n");
    }

    @Test
    void printsTheResultAsADocument() {
        answering(result("0", false), result("3", false));
        assertThat(cli.run("configure", "web", "--install", "x", "-o", "json")).isZero();
        assertThat(cli.stdout()).startsWith("{\n").contains("\"installExitCode\" : 0");
        cli.out.reset();
        assertThat(cli.run("configure", "web", "--install", "x", "-o", "yaml")).isEqualTo(1);
        assertThat(cli.stdout()).contains("installExitCode: 3\n");
        assertThat(cli.stderr()).contains("exit code 3");
    }

    @Test
    void endsWithOneWhenTheInstallFails() {
        answering(log("stderr", "no such package\n", 16) + result("3", false));
        assertThat(cli.run("configure", "web", "--install", "x")).isEqualTo(1);
        assertThat(cli.stdout()).isEmpty();
        assertThat(cli.stderr())
                .isEqualTo(
                        "no such package\nthe install failed (exit code 3): the former configuration stays in force\n");
    }

    @Test
    void followsContinueUnseenAndAsksForTheResult() {
        answering(log("stdout", "one\n", 4) + CONTINUE, log("stdout", "one\ntwo\n", 8) + result("0", true));
        assertThat(cli.run("configure", "web", "--install", "x")).isZero();
        assertThat(cli.stderr()).isEqualTo("one\ntwo\n");
        assertThat(server.calls())
                .extracting(Call::toString)
                .containsExactly(
                        "POST " + WEB + "configure",
                        "GET " + WEB + "log?process=" + ID + "&offset=4&follow=true",
                        "POST " + WEB + "configure");
        assertThat(server.calls().get(2).text())
                .isEqualTo(server.calls().getFirst().text());
    }

    @Test
    void doesNotRunAnInstallAgainThatFailedAfterContinue() {
        server.answering((call, reply) -> {
            reply.events();
            reply.chunk(
                    call.method().equals("POST")
                            ? CONTINUE
                            : "event: exit\ndata: {\"exitCode\":9,\"durationMs\":1,\"reason\":\"completed\"}\n\n");
            reply.end();
        });
        assertThat(cli.run("configure", "web", "--install", "x")).isEqualTo(1);
        assertThat(cli.stderr()).contains("the install failed (exit code 9)");
        assertThat(server.calls()).hasSize(2);
    }

    @Test
    void joinsAfterACutAndWaitsWhileItsOwnCallIsInTheWay() {
        Deque<String> answers = new ArrayDeque<>(
                List.of("", log("stdout", "one\n", 4), "409", log("stdout", "one\ntwo\n", 8) + result("0", false)));
        server.answering((call, reply) -> {
            var answer = answers.removeFirst();
            if (answer.equals("409")) {
                reply.status(409, "Conflict", "another configure is under way");
            } else if (!answer.isEmpty()) {
                reply.events();
                reply.chunk(answer);
                if (answers.isEmpty()) {
                    reply.end();
                }
            }
        });
        assertThat(cli.run("configure", "web", "--install", "x"))
                .as(cli.stderr())
                .isZero();
        assertThat(cli.stderr()).isEqualTo("one\ntwo\n");
        assertThat(server.calls()).hasSize(4);
    }

    @Test
    void tellsAnotherConfigurationUnderWay() {
        server.answering((call, reply) -> reply.status(409, "Conflict", "another configure is under way"));
        assertThat(cli.run("configure", "web", "--install", "x")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("Error from server (Conflict): another configure is under way\n");
        assertThat(server.calls()).hasSize(1);
    }

    @Test
    void tellsFilesThatCouldNotBeWritten() {
        answering("event: error\ndata: {\"phase\":\"files\",\"message\":\"no space left\"}\n\n");
        assertThat(cli.run("configure", "web", "--install", "x")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("files could not be written: no space left\n");
    }

    @Test
    void writesALargeFileBeforeAndLeavesItOut() throws IOException {
        var large = folder.resolve("large");
        try (var file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(32 * 1024 * 1024 + 1);
        }
        server.answering((call, reply) -> {
            if (call.path().endsWith("/configure")) {
                reply.events();
                reply.chunk(result("0", false));
                reply.end();
            } else {
                reply.json(200, "{\"path\":\"x\",\"bytes\":1}");
            }
        });
        assertThat(cli.run("configure", "web", "--file", "/workspace/m=" + large, "--install", "x"))
                .as(cli.stderr())
                .isZero();
        assertThat(server.calls().getLast().text()).isEqualTo("{\"installScript\":\"x\"}");
        assertThat(server.calls().stream()
                        .filter(call -> call.method().equals("PUT"))
                        .mapToLong(call -> call.latin1().length())
                        .sum())
                .isEqualTo(32 * 1024 * 1024 + 1);
        assertThat(cli.run("configure", "web", "--file", "/workspace/m=" + large))
                .isEqualTo(1);
        assertThat(cli.stderr()).contains("nothing is left to configure");
    }

    @Test
    void tellsFilesThatAreNotThere() {
        assertThat(cli.run("configure", "web", "--file", "/workspace/m=/nonexistent"))
                .isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("there is no file /nonexistent\n");
        assertThat(cli.run("configure", "web", "--file", "/workspace/m=" + folder))
                .isEqualTo(1);
        assertThat(cli.stderr()).endsWith("is no regular file: --file takes single files\n");
    }

    /** One after the other to configure; a log tells of an install that succeeded. */
    private void answering(String... answers) {
        var left = new ArrayDeque<>(Arrays.asList(answers));
        server.answering((call, reply) -> {
            reply.events();
            reply.chunk(
                    call.method().equals("POST")
                            ? left.removeFirst()
                            : log("stdout", "two\n", 8)
                                    + "event: exit\ndata: {\"exitCode\":0,\"durationMs\":1,\"reason\":\"completed\"}\n\n");
            reply.end();
        });
    }

    private static String log(String stream, String text, int end) {
        return "event: log\ndata: {\"stream\":\"%s\",\"data\":\"%s\",\"offset\":%d}\n\n"
                .formatted(stream, text.replace("\n", "\\n"), end);
    }

    private static String result(String code, boolean skipped) {
        return "event: result\ndata: {\"lastConfiguredAt\":\"2026-01-01T00:00:00Z\",\"entrypoint\":[\"python3\",\"agent.py\"],\"installExitCode\":%s,\"skipped\":%s}\n\n"
                .formatted(code, skipped);
    }
}
