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

class PortsTest {
    private static final String WEB =
            "{\"port\":8080,\"protocol\":\"http\",\"internalUrl\":\"http://pf-web-8080.team1.svc:8080\",\"previewUrl\":\"http://p.example.com\"}";

    private FakeApiServer server;
    private CliRun cli;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        server = new FakeApiServer().answering((call, reply) -> {
            switch (call.method()) {
                case "POST" -> reply.json(201, WEB);
                case "DELETE" -> reply.whole(204, "Content-Length: 0", new byte[0]);
                default ->
                    reply.json(
                            200,
                            "{\"kind\":\"SandboxPortList\",\"items\":[{\"port\":5432,\"protocol\":\"tcp\"}," + WEB
                                    + "]}");
            }
        });
        cli = new CliRun(Cluster.kubeconfig(folder, server));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void listsPortsWithTheirAddresses() {
        assertThat(cli.run("ports", "list", "web")).as(cli.stderr()).isZero();
        assertThat(cli.stdout()
                        .lines()
                        .map(line -> line.replaceAll(" {2,}", "|").strip()))
                .containsExactly(
                        "PORT|PROTOCOL|INTERNAL URL|PREVIEW URL",
                        "5432|tcp",
                        "8080|http|http://pf-web-8080.team1.svc:8080|http://p.example.com");
    }

    @Test
    void printsTheListAsTheServerGivesIt() {
        assertThat(cli.run("ports", "list", "web", "-o", "yaml")).isZero();
        assertThat(cli.stdout()).contains("kind: SandboxPortList", "port: 5432");
        assertThat(cli.run("ports", "list", "web", "-o", "json")).isZero();
        assertThat(cli.stdout()).contains("\"SandboxPortList\"");
    }

    @Test
    void addsAPort() {
        assertThat(cli.run("ports", "add", "web", "8080", "--protocol=tcp"))
                .as(cli.stderr())
                .isZero();
        assertThat(cli.stdout()).contains("http://pf-web-8080.team1.svc:8080");
        assertThat(server.calls()).singleElement().satisfies(call -> {
            assertThat(call.method()).isEqualTo("POST");
            assertThat(call.path()).endsWith("/namespaces/team1/sandboxes/web/ports");
            assertThat(call.text()).isEqualTo("{\"port\":8080,\"protocol\":\"tcp\"}");
            assertThat(call.header("content-type")).isEqualTo("application/json");
        });
    }

    @Test
    void removesAPort() {
        assertThat(cli.run("ports", "remove", "web", "8080")).as(cli.stderr()).isZero();
        assertThat(cli.stdout()).isEqualTo("port 8080 of sandbox web removed\n");
        assertThat(server.calls()).singleElement().satisfies(call -> {
            assertThat(call.method()).isEqualTo("DELETE");
            assertThat(call.query("port")).isEqualTo("8080");
        });
    }
}
