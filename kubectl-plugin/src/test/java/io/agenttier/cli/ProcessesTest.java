package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessesTest {
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
    void psShowsHowProcessesEndedAndNoControlCharacters() {
        server.answering((call, reply) -> reply.json(200, """
                {"items":[
                 {"id":"x.a","class":"exec","name":"make\\u001b[2J","startedAt":"2026-01-01T00:00:00Z","running":true,"bytesStdout":5,"bytesStderr":0,"viewers":1},
                 {"id":"x.b","class":"exec","name":"sh","startedAt":"2026-01-01T00:00:00Z","running":false,
                  "exit":{"reason":"signaled","signal":"KILL","exitCode":137},"bytesStdout":0,"bytesStderr":0,"viewers":0},
                 {"id":"x.c","class":"exec","name":"sh","startedAt":"2026-01-01T00:00:00Z","running":false,"exit":{"reason":"lost","exitCode":null}}]}"""));

        assertThat(cli.run("ps", "web")).isZero();
        assertThat(cli.stdout().lines())
                .hasSize(4)
                .anySatisfy(line -> assertThat(line).contains("x.a", "make?[2J", "running"))
                .anySatisfy(line -> assertThat(line).contains("x.b", "signaled KILL (137)"))
                .anySatisfy(line -> assertThat(line).contains("x.c", "lost").doesNotContain("(", "null"));
        assertThat(cli.run("ps", "web", "-o", "yaml")).isEqualTo(2);
    }

    @Test
    void logsGoOnAtTheOffsetAfterACut() {
        server.answering((call, reply) -> {
            reply.events();
            if (call.query("offset").equals("3")) {
                reply.chunk("event: log\ndata: {\"stream\":\"stdout\",\"data\":\"ab\",\"offset\":5}\n\n");
                return;
            }
            reply.chunk("event: log\ndata: {\"stream\":\"stderr\",\"data\":\"bc\",\"offset\":6}\n\n");
            reply.chunk("event: exit\ndata: {\"exitCode\":7,\"reason\":\"completed\"}\n\n");
            reply.end();
        });

        assertThat(cli.run("logs", "web", "job", "-f", "--offset", "3")).isZero();
        assertThat(cli.stdout()).isEqualTo("abc");
        assertThat(server.calls())
                .hasSize(2)
                .allSatisfy(call -> assertThat(call.query("follow")).isEqualTo("true"));
        assertThat(server.calls().getLast().query("offset")).isEqualTo("5");
    }

    @Test
    void logsOfOneStreamEndAtThePresentEnd() {
        server.answering((call, reply) -> {
            reply.events();
            reply.chunk("event: log\ndata: {\"stream\":\"stderr\",\"data\":\"e\",\"offset\":1}\n\n");
            reply.end();
        });
        assertThat(cli.run("logs", "web", "job", "--stream", "stderr")).isZero();
        assertThat(cli.stdout()).isEqualTo("e");
        assertThat(server.calls().getFirst().query("stream")).isEqualTo("stderr");
        assertThat(server.calls().getFirst().query("follow")).isEmpty();
        assertThat(cli.run("logs", "web", "job", "--stream", "both")).isEqualTo(2);
        assertThat(cli.run("logs", "web", "job", "--offset", "-1")).isEqualTo(2);
    }

    @Test
    void logsOfTheInstallationAreOneAnswer() {
        server.answering((call, reply) -> reply.plain(200, "Collecting langgraph\n"));
        assertThat(cli.run("logs", "web", "--source", "install"))
                .as(cli.stderr())
                .isZero();
        assertThat(cli.stdout()).isEqualTo("Collecting langgraph\n");
        var call = server.calls().getFirst();
        assertThat(call.method()).isEqualTo("GET");
        assertThat(call.path()).endsWith("/sandboxes/web/log");
        assertThat(call.query("source")).isEqualTo("install");
        assertThat(call.query("process")).isEmpty();
    }

    @Test
    void logsOfAnInstallationThatNeverWasSayWhatTheServerSays() {
        server.answering((call, reply) ->
                reply.status(404, "NotFound", "sandbox web has no install log: no configure has installed anything"));
        assertThat(cli.run("logs", "web", "--source", "install")).isEqualTo(1);
        assertThat(cli.stdout()).isEmpty();
        assertThat(cli.stderr())
                .isEqualTo(
                        "Error from server (NotFound): sandbox web has no install log: no configure has installed anything\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "web | PROCESS is missing",
                "web --source harness | --source \"harness\" is invalid: expected install",
                "web job --source install | PROCESS and --source are both given: choose one",
                "web --source install -f | --follow is for a process",
                "web --source install --stream stdout | --stream is for a process",
                "web --source install --offset 1 | --offset is for a process",
            })
    void logsOfBothOrNeitherAreRefused(String arguments, String message) {
        assertThat(cli.run(("logs " + arguments).split(" "))).isEqualTo(2);
        assertThat(cli.stderr()).contains(message);
        assertThat(server.calls()).isEmpty();
    }

    @Test
    void killSendsTheSignalAndCancelSendsNone() {
        server.answering((call, reply) -> reply.json(200, "{}"));
        assertThat(cli.run("kill", "web", "job", "--signal", "INT")).isZero();
        assertThat(cli.run("cancel", "web", "job")).isZero();
        assertThat(server.calls()).allSatisfy(call -> assertThat(call.method()).isEqualTo("DELETE"));
        assertThat(server.calls().getFirst().query("signal")).isEqualTo("INT");
        assertThat(server.calls().getLast().query("signal")).isEmpty();
    }
}
