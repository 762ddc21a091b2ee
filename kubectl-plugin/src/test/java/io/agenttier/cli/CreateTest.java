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

class CreateTest {
    private static final String OBJECTS = "/apis/agenttier.io/v1alpha1/namespaces/team1/sandboxes";
    private static final String SANDBOX = """
            {"metadata":{"name":"mine","generation":1,"resourceVersion":"5"},"status":{"observedGeneration":%d,"phase":"%s","conditions":[{"type":"Ready","status":"%s","reason":"%s","message":"%s"}]}}""";

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
    void writesTheKindOfATemplateThatOnlyTheClusterHas() {
        server.answering((call, reply) -> {
            if (call.path().contains("/clustersandboxtemplates/")) {
                reply.json(200, "{}");
            } else if (call.method().equals("GET")) {
                reply.status(404, "NotFound", "not found");
            } else {
                reply.json(201, "{}");
            }
        });
        assertThat(cli.run(
                        "create", "mine", "--template", "general-coding", "--storage-size", "20Gi", "--image", "x:1"))
                .isZero();
        assertThat(cli.stdout()).isEqualTo("sandbox.agenttier.io/mine created\n");
        assertThat(server.calls().getLast().path()).isEqualTo(OBJECTS);
        assertThat(server.calls().getLast().text()).isEqualTo("""
                        {"apiVersion":"agenttier.io/v1alpha1","kind":"Sandbox","metadata":{"name":"mine","namespace":"team1"},"spec":{"templateRef":{"kind":"ClusterSandboxTemplate","name":"general-coding"},"image":{"repository":"x:1"},"storage":{"size":"20Gi"}}}""");
    }

    @Test
    void prefersTheTemplateOfTheNamespace() {
        server.answering((call, reply) -> reply.json(200, "{}"));
        assertThat(cli.run("create", "mine", "--template", "t")).isZero();
        assertThat(server.calls()).hasSize(2);
        assertThat(server.calls().getLast().text()).contains("\"kind\":\"SandboxTemplate\"");
    }

    @Test
    void namesATemplateThatIsNowhere() {
        server.answering((call, reply) -> reply.status(404, "NotFound", "not found"));
        assertThat(cli.run("create", "mine", "--template", "t")).isEqualTo(1);
        assertThat(cli.stderr())
                .isEqualTo(
                        "template \"t\" not found: there is no SandboxTemplate of that name in namespace \"team1\" and no ClusterSandboxTemplate\n");
        assertThat(server.calls()).hasSize(2);
    }

    @Test
    void dryRunsAtTheServerAndAtTheClient() {
        server.answering((call, reply) -> reply.json(201, "{}"));
        assertThat(cli.run("create", "mine", "--image", "x", "--dry-run=client", "-o", "json"))
                .isZero();
        assertThat(server.calls()).isEmpty();
        assertThat(cli.stdout()).startsWith("{\n  \"apiVersion\" : \"agenttier.io/v1alpha1\",");
        cli.out.reset();
        assertThat(cli.run("create", "mine", "--image", "x", "--dry-run", "server", "--wait"))
                .isZero();
        assertThat(cli.stdout()).isEqualTo("sandbox.agenttier.io/mine created (server dry run)\n");
        assertThat(server.calls())
                .singleElement()
                .satisfies(call -> assertThat(call.query("dryRun")).isEqualTo("All"));
    }

    @Test
    void waitsByWatchUntilTheStatusOfThePresentSpecIsReady() {
        server.answering((call, reply) -> {
            if (call.method().equals("POST")) {
                reply.json(201, "{}");
            } else if (!call.query("watch").isEmpty()) {
                reply.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
                reply.chunk(event("MODIFIED", SANDBOX.formatted(1, "Creating", "False", "Starting", "pulling")));
                reply.chunk(event("MODIFIED", SANDBOX.formatted(1, "Running", "True", "Ready", "")));
                reply.end();
            } else {
                reply.json(200, SANDBOX.formatted(0, "Running", "True", "Ready", "of an older spec"));
            }
        });
        assertThat(cli.run("create", "mine", "--image", "x", "--wait"))
                .as(cli.stderr())
                .isZero();
        assertThat(server.calls()).hasSize(3);
        var watch = server.calls().getLast();
        assertThat(watch.query("fieldSelector")).isEqualTo("metadata.name%3Dmine");
        assertThat(watch.query("resourceVersion")).isEqualTo("5");
    }

    @Test
    void stopsWaitingForWhatWillNeverBeReady() {
        server.answering((call, reply) -> {
            if (call.method().equals("POST")) {
                reply.json(201, "{}");
            } else {
                reply.json(200, SANDBOX.formatted(1, "Error", "False", "Failed", "init script failed"));
            }
        });
        assertThat(cli.run("create", "mine", "--image", "x", "--wait")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("sandbox \"mine\" will not become ready: Failed: init script failed\n");
    }

    @Test
    void saysWhatItWaitedForWhenTheTimeIsUp() {
        server.answering((call, reply) -> {
            if (!call.query("watch").isEmpty()) {
                reply.json(200, event("MODIFIED", SANDBOX.formatted(1, "Creating", "False", "Starting", "no node")));
            } else {
                reply.json(200, SANDBOX.formatted(1, "Creating", "False", "Starting", "no node"));
            }
        });
        assertThat(cli.run("resume", "mine", "--wait", "--wait-timeout", "1ms")).isEqualTo(1);
        assertThat(cli.stderr()).isEqualTo("sandbox \"mine\" is not ready after 0 s: Starting: no node\n");
    }

    private static String event(String type, String object) {
        return "{\"type\":\"%s\",\"object\":%s}\n".formatted(type, object);
    }
}
