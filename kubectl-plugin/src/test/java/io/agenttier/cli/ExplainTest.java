package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainTest {
    private static final String TEAM = "/apis/agenttier.io/v1alpha1/namespaces/team1/";
    private static final String CLUSTER = "/apis/agenttier.io/v1alpha1/clustersandboxtemplates/";
    private static final String DEFAULTS = "/api/v1/namespaces/agenttier/configmaps/agenttier-defaults";

    private final Map<String, String> objects = new HashMap<>();
    private FakeApiServer server;
    private CliRun cli;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        server = new FakeApiServer().answering((call, reply) -> {
            var found = objects.get(call.path());
            if (found == null) {
                reply.status(404, "NotFound", call.path() + " not found");
            } else if (found.isEmpty()) {
                reply.status(403, "Forbidden", "User jane cannot get this");
            } else {
                reply.json(200, found);
            }
        });
        cli = new CliRun(Cluster.kubeconfig(folder, server));
        objects.put(TEAM + "sandboxes/web", """
                {"metadata":{"name":"web","namespace":"team1"},
                 "spec":{"templateRef":{"kind":"SandboxTemplate","name":"t"},"powerState":"Running",
                   "env":[{"name":"TOKEN","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],"resources":{"limits":{"cpu":"250m"}}},
                 "status":{"phase":"Running","templateChain":[
                   {"kind":"SandboxTemplate","namespace":"team1","name":"t","resourceVersion":"7"},
                   {"kind":"ClusterSandboxTemplate","name":"base","resourceVersion":"3"}]}}""");
        objects.put(TEAM + "sandboxtemplates/t", """
                {"metadata":{"name":"t","resourceVersion":"7"},"spec":{"inheritsFrom":{"kind":"ClusterSandboxTemplate","name":"base"},
                 "env":[{"name":"MODE","value":"on"}],"files":[{"path":"run.sh","content":"#!/bin/sh\\necho hello, this is a long line of a script\\n","mode":493}]}}""");
        objects.put(CLUSTER + "base", """
                {"metadata":{"name":"base","resourceVersion":"3"},"spec":{"image":{"repository":"busybox"},"env":[{"name":"MODE","value":"off"}],
                 "resources":{"limits":{"memory":"1Gi"}},"initScripts":["true"]}}""");
        objects.put(DEFAULTS, """
                {"data":{"defaults.json":"{\\"network\\":{\\"allowInternet\\":true},\\"resources\\":{\\"limits\\":{\\"cpu\\":\\"2\\",\\"memory\\":\\"4Gi\\"},\\"requests\\":{\\"cpu\\":\\"500m\\",\\"memory\\":\\"1Gi\\"}},\\"storage\\":{\\"mountPath\\":\\"/workspace\\",\\"size\\":\\"10Gi\\"},\\"timeout\\":\\"8h\\"}"}}""");
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void showsTheOriginOfEveryValue() throws IOException {
        assertThat(cli.run("explain", "web")).as(cli.stderr()).isZero();
        assertThat(cli.stdout()).isEqualTo(golden("explain-table.txt"));
        assertThat(cli.stderr()).isEmpty();
        assertThat(server.calls())
                .hasSize(4)
                .allSatisfy(call -> assertThat(call.method()).isEqualTo("GET"));
    }

    @Test
    void writesTheSameAsYamlAndAsJson() throws IOException {
        assertThat(cli.run("explain", "web", "-o", "yaml")).isZero();
        assertThat(cli.stdout()).isEqualTo(golden("explain.yaml"));
        cli.out.reset();
        assertThat(cli.run("explain", "web", "-o", "json")).isZero();
        assertThat(cli.stdout())
                .contains("\"spec.image.repository\" : \"ClusterSandboxTemplate base\"", "\"resourceVersion\" : \"3\"");
    }

    @Test
    void showsWhatATemplateGivesToASandboxThatSaysNothing() {
        assertThat(cli.run("explain", "template/base")).as(cli.stderr()).isZero();
        assertThat(cli.stdout())
                .containsPattern("spec.image.repository +busybox +ClusterSandboxTemplate base\n")
                .containsPattern("spec.resources.requests.cpu +500m +cluster default\n")
                .doesNotContain("templateRef");
        cli.out.reset();
        assertThat(cli.run("explain", "sandboxtemplate/t")).isZero();
        assertThat(cli.stdout()).containsPattern("spec.env\\[MODE] +.* +SandboxTemplate team1/t\n");
    }

    @Test
    void saysThatARunningSandboxWasStartedFromOtherVersions() {
        objects.computeIfPresent(
                CLUSTER + "base", (path, old) -> old.replace("\"resourceVersion\":\"3\"", "\"resourceVersion\":\"4\""));
        assertThat(cli.run("explain", "web")).isZero();
        assertThat(cli.stderr())
                .isEqualTo(
                        "note: templates have changed since the sandbox was started, which acts at its next start\n");
    }

    @Test
    void namesTheTemplateThatIsMissingOrMayNotBeRead() {
        objects.remove(CLUSTER + "base");
        assertThat(cli.run("explain", "web")).isEqualTo(1);
        assertThat(cli.stderr())
                .isEqualTo(
                        "TemplateNotFound: SandboxTemplate \"team1/t\" -> ClusterSandboxTemplate \"base\" does not exist: create it or correct spec.inheritsFrom of SandboxTemplate \"team1/t\"\n");
        cli.err.reset();
        objects.put(CLUSTER + "base", "");
        assertThat(cli.run("explain", "web")).isEqualTo(1);
        assertThat(cli.stderr())
                .isEqualTo(
                        "ClusterSandboxTemplate \"base\" is part of the answer, and you may not read it: Error from server (Forbidden): User jane cannot get this\n");
        assertThat(cli.out.size()).isZero();
    }

    @Test
    void warnsWhenTheDefaultsOfTheClusterAreNotKnown() {
        objects.remove(DEFAULTS);
        assertThat(cli.run("explain", "web")).isZero();
        assertThat(cli.stdout()).containsPattern("spec.storage.size +10Gi +built-in\n");
        assertThat(cli.stderr())
                .startsWith(
                        "warning: the defaults of the cluster are not known, built-in ones are shown: ConfigMap \"agenttier/agenttier-defaults\"");
    }

    private static String golden(String name) throws IOException {
        try (var text = ExplainTest.class.getResourceAsStream("/" + name)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
