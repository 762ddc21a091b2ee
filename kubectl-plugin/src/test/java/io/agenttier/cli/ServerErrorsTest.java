package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import io.agenttier.cli.fake.FakeProcess;
import io.agenttier.cli.fake.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerErrorsTest {
    private Path folder;
    private FakeApiServer server;
    private CliRun cli;

    @BeforeEach
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        server = new FakeApiServer();
        cli = new CliRun(Cluster.kubeconfig(folder, server));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void printsAStatusAsKubectlDoes() {
        server.answering(
                (call, reply) -> reply.status(404, "NotFound", "sandboxes.agenttier.io \\\"web\\\" not found"));
        assertThat(cli.run("exec", "web", "--", "true")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("Error from server (NotFound): sandboxes.agenttier.io \"web\" not found\n");
    }

    @Test
    void explainsPlainTextOfTheAggregationLayer() {
        server.answering((call, reply) -> reply.plain(503, "service unavailable\n"));
        assertThat(cli.run("stop", "web")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("""
                        Error from server (503 Because): service unavailable
                        AgentTier's API server cannot be reached through kube-apiserver just now. Check with: kubectl get apiservice subresources-v1alpha1.agenttier.io
                        """);
    }

    @Test
    void saysThatAgentTierIsNotInstalled() {
        server.answering((call, reply) -> reply.plain(404, "404 page not found\n"));
        assertThat(cli.run("exec", "web", "--", "true")).isEqualTo(1);
        assertThat(cli.stderr())
                .startsWith("AgentTier is not installed in this cluster, or its APIService is unavailable")
                .contains("kubectl get apiservice subresources-v1alpha1.agenttier.io");
    }

    @Test
    void repeatsWhatTheServerSaysHasNotStarted() {
        var tries = new AtomicInteger();
        server.answering((call, reply) -> {
            if (tries.incrementAndGet() < 3) {
                reply.raw("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n");
            } else {
                reply.json(200, "{\"status\":\"stopping\"}");
            }
        });
        assertThat(cli.run("stop", "web")).isZero();
        assertThat(cli.stdout()).isEqualTo("sandbox.agenttier.io/web stopping\n");
        assertThat(tries).hasValue(3);
    }

    @Test
    void refusesAServerOfAnotherAuthority() throws Exception {
        var other = TestCertificates.pem(TestCertificates.authority().certificate());
        var file = Files.writeString(folder.resolve("other.pem"), other);
        assertThat(cli.run("stop", "web", "--certificate-authority", file.toString()))
                .isEqualTo(1);
        assertThat(cli.stderr()).startsWith("Unable to connect to the server " + server.url() + ": TLS: ");
        assertThat(server.calls()).isEmpty();
    }

    @Test
    void refusesAServerWhoseCertificateNamesAnotherHost() {
        var elsewhere = server.url().replace("127.0.0.1", "localhost");
        assertThat(cli.run("stop", "web", "--server", elsewhere)).isEqualTo(1);
        assertThat(cli.stderr()).contains("TLS: ").contains("localhost");
        assertThat(server.calls()).isEmpty();
    }

    @Test
    void trustsAnyServerOnlyWhenAsked() throws Exception {
        server.answering((call, reply) -> reply.json(200, "{}"));
        var config = Files.writeString(folder.resolve("empty"), "");
        var direct = new CliRun(config);
        assertThat(direct.run("stop", "web", "--server", server.url())).isEqualTo(1);
        assertThat(direct.run("stop", "web", "--server", server.url(), "--insecure-skip-tls-verify", "--token", "abc"))
                .isZero();
        assertThat(server.calls()).singleElement().satisfies(call -> {
            assertThat(call.header("authorization")).isEqualTo("Bearer abc");
            assertThat(call.path()).contains("/namespaces/default/");
        });
    }

    @Test
    void sendsWhomToActAs() {
        server.answering((call, reply) -> reply.json(200, "{}"));
        assertThat(cli.run("stop", "web", "--as", "bob", "--as-group", "g1", "--as-uid", "u"))
                .isZero();
        var call = server.calls().getFirst();
        assertThat(call.header("impersonate-user")).isEqualTo("bob");
        assertThat(call.header("impersonate-group")).isEqualTo("g1");
        assertThat(call.header("impersonate-uid")).isEqualTo("u");
        assertThat(call.header("authorization")).isEmpty();
    }

    @Test
    void asksItsCredentialPluginAgainAfter401() throws Exception {
        var count = folder.resolve("count");
        var script = Files.writeString(folder.resolve("login.sh"), """
                echo x >> '%s'
                echo "{\\"apiVersion\\":\\"client.authentication.k8s.io/v1\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"t$(wc -l < '%s' | tr -d ' ')\\"}}"
                """.formatted(count, count));
        var config = Cluster.write(
                folder,
                server,
                "{exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, args: ['%s'], interactiveMode: Never}}"
                        .formatted(script));
        server.answering((call, reply) -> {
            if (call.header("authorization").equals("Bearer t2")) {
                reply.json(200, "{}");
            } else {
                reply.status(401, "Unauthorized", "Unauthorized");
            }
        });
        var login = new CliRun(config);
        assertThat(login.run("stop", "web", "db")).as(login.stderr()).isZero();
        assertThat(server.calls())
                .extracting(call -> call.header("authorization"))
                .containsExactly("Bearer t1", "Bearer t2", "Bearer t2");
    }

    @Test
    void goesOnWithTheOthersWhenOneSandboxFails() {
        server.answering((call, reply) -> {
            if (call.path().contains("/b/")) {
                reply.status(409, "Conflict", "b is Stopped");
            } else {
                reply.json(200, "{}");
            }
        });
        assertThat(cli.run("stop", "a", "b", "c")).isEqualTo(1);
        assertThat(cli.stdout()).isEqualTo("sandbox.agenttier.io/a stopping\nsandbox.agenttier.io/c stopping\n");
        assertThat(cli.stderr()).isEqualTo("Error from server (Conflict): b is Stopped\n");
    }

    @Test
    void reportsAnOutcomeItCannotReadAsFailure() {
        server.answering((call, reply) -> {
            reply.events();
            reply.chunk(new FakeProcess("{\"exitCode\":null,\"reason\":\"lost\",\"message\":\"node gone\"}")
                    .events(0, new Random(1)));
            reply.end();
        });
        assertThat(cli.run("exec", "web", "--", "true")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("lost: node gone\n");
    }
}
