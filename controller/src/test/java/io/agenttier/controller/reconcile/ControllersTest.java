package io.agenttier.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.agenttier.controller.config.ControllerConfig;
import io.agenttier.controller.effect.Effect;
import io.agenttier.controller.effect.Witness;
import io.agenttier.controller.kube.Caches;
import io.agenttier.controller.kube.FakeApi;
import io.agenttier.controller.kube.Rest;
import io.agenttier.controller.telemetry.Metrics;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The whole controller against an API server in memory. Also the proof that informers and work queue of client-java-extended 25 run with
 * client-java 27.
 */
class ControllersTest {
    private static final String NAMESPACE = "/api/v1/namespaces/team1/";
    private static final String POD = NAMESPACE + "pods/hello-pod";
    private static final String SANDBOX = "/apis/agenttier.io/v1alpha1/namespaces/team1/sandboxes/hello";
    private static final String POLICIES = "/apis/networking.k8s.io/v1/namespaces/team1/networkpolicies/";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Metrics metrics = new Metrics();
    private final FakeApi server;
    private final Caches caches;
    private final Controllers controllers;

    ControllersTest() throws IOException {
        server = new FakeApi();
        caches = new Caches(server.client(), threads);
        controllers = Controllers.build(
                ControllerConfig.parse(List.of("--namespace=agenttier", "--sandboxd-image=example.test/sandboxd:1")),
                caches,
                new Rest(server.client(), () -> true, Witness.NONE),
                metrics,
                threads,
                InstantSource.system(),
                new SecureRandom(),
                Witness.NONE);
    }

    @BeforeEach
    void start() throws InterruptedException {
        caches.start();
        caches.awaitFilled();
        controllers.start();
    }

    @AfterEach
    void close() {
        controllers.close();
        server.close();
        caches.close();
        threads.shutdownNow();
    }

    @Test
    void certificatesAreThereBeforeAnythingElse() {
        for (var name : List.of(
                "agenttier-ca",
                "agenttier-apiserver-tls",
                "agenttier-apiserver-signer",
                "agenttier-controller-signer")) {
            assertThat(server.has("/api/v1/namespaces/agenttier/secrets/" + name))
                    .as(name)
                    .isTrue();
        }
        assertThat(metrics.text()).contains("agenttier_certificate_expiry_seconds{name=\"agenttier-ca\"");
    }

    @Test
    void sandboxBecomesAPodAndRunsAndStopsAndItsNamespaceIsLeftClean() {
        create();
        await().atMost(LIMIT).until(() -> server.has(POD));
        assertThat(server.has(POLICIES + "agenttier-default-deny")).isTrue();
        assertThat(server.has(POLICIES + "hello-netpol")).isTrue();
        assertThat(server.has(NAMESPACE + "persistentvolumeclaims/hello-workspace"))
                .isTrue();
        var secret = NAMESPACE + "secrets/hello-" + status("incarnation");
        assertThat(server.has(secret)).isTrue();

        server.change(
                POD,
                pod -> with(
                        pod,
                        "{\"spec\":{\"nodeName\":\"n\"},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}"));
        await().atMost(LIMIT).until(() -> status("phase").equals("Running"));
        assertThat(server.writes().stream().filter(w -> w.equals("PATCH " + SANDBOX + "/status")))
                .as("a start takes two status writes")
                .hasSize(2);
        assertThat(server.writes().stream().filter(w -> w.equals("POST " + NAMESPACE + "pods")))
                .hasSize(1);

        server.change(SANDBOX, sandbox -> with(sandbox, "{\"spec\":{\"powerState\":\"Stopped\"}}"));
        await().atMost(LIMIT).until(() -> status("phase").equals("Stopped"));
        assertThat(server.has(POD)).isFalse();
        assertThat(server.has(secret)).isFalse();
        assertThat(server.has(NAMESPACE + "persistentvolumeclaims/hello-workspace"))
                .isTrue();

        new Rest(server.client(), () -> true, Witness.NONE).delete(Effect.DELETE_SANDBOX, SANDBOX, "uid-1");
        await().atMost(LIMIT).until(() -> !server.has(POLICIES + "agenttier-default-deny"));
    }

    @Test
    void policyThatSomebodyDeletesIsMadeAgain() {
        create();
        await().atMost(LIMIT).until(() -> server.has(POD));
        server.change(
                POD,
                pod -> with(
                        pod,
                        "{\"spec\":{\"nodeName\":\"n\"},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}"));
        await().atMost(LIMIT).until(() -> status("phase").equals("Running"));
        var uid = server.object(POLICIES + "agenttier-default-deny")
                .getAsJsonObject("metadata")
                .get("uid")
                .getAsString();
        new Rest(server.client(), () -> true, Witness.NONE)
                .delete(Effect.DELETE_NETWORK_POLICY, POLICIES + "agenttier-default-deny", uid);
        await().atMost(LIMIT).until(() -> server.has(POLICIES + "agenttier-default-deny"));
    }

    @Test
    void aPodIsMadeOnceEverythingItTakesFromIsThere() {
        create();
        server.change(SANDBOX, sandbox -> with(sandbox, """
                {"spec": {"credentials": [{"secretName": "db"}], "files": [{"path": "a", "configMapRef": {"name": "conf", "key": "k"}}]}}"""));
        awaitPodReadySays("Secret \\\"db\\\" does not exist");
        server.put(NAMESPACE + "secrets/db", "{\"metadata\":{\"name\":\"db\",\"namespace\":\"team1\"}}");
        awaitPodReadySays("ConfigMap \\\"conf\\\" does not exist");
        var incarnation = status("incarnation");
        assertThat(server.has(POD)).isFalse();
        server.put(NAMESPACE + "configmaps/conf", "{\"metadata\":{\"name\":\"conf\",\"namespace\":\"team1\"}}");
        await().atMost(LIMIT).until(() -> server.has(POD));
        assertThat(status("incarnation"))
                .as("what was made for the pod still serves")
                .isEqualTo(incarnation);
    }

    @Test
    void whatWasConfiguredIsNoticedAndLeftToItsOwner() {
        create("\"mode\":\"agent\",");
        await().atMost(LIMIT).until(() -> configured().equals("NotConfigured"));
        var configure = "{\"lastConfiguredAt\":\"2026-01-01T00:00:00Z\",\"entrypoint\":[\"run\"]}";
        server.change(SANDBOX, sandbox -> with(sandbox, "{\"status\":{\"agentConfigure\":" + configure + "}}"));
        await().atMost(LIMIT).until(() -> configured().equals("Configured"));
        assertThat(server.object(SANDBOX).getAsJsonObject("status").get("agentConfigure"))
                .hasToString(configure);
    }

    private String configured() {
        var status = server.object(SANDBOX).getAsJsonObject("status");
        var conditions =
                status == null || !status.has("conditions") ? new JsonArray() : status.getAsJsonArray("conditions");
        return conditions.asList().stream()
                .map(JsonElement::getAsJsonObject)
                .filter(condition -> condition.get("type").getAsString().equals("Configured"))
                .map(condition -> condition.get("reason").getAsString())
                .findFirst()
                .orElse("");
    }

    @Test
    void aSandboxThatCannotBeReadIsToldSoWhileOthersRun() {
        create();
        server.change(SANDBOX, sandbox -> with(sandbox, "{\"spec\": {\"env\": \"no list\"}}"));
        server.put(
                SANDBOX.replace("hello", "other"),
                server.object(SANDBOX)
                        .toString()
                        .replace("hello", "other")
                        .replace("uid-1", "uid-2")
                        .replace("\"no list\"", "[]"));
        await().atMost(LIMIT).until(() -> server.has(POD.replace("hello", "other")));
        await().atMost(LIMIT).until(() -> server.object(SANDBOX).toString().contains("spec cannot be read (env: "));
        assertThat(server.has(POD)).isFalse();

        server.change(SANDBOX, sandbox -> with(sandbox, "{\"spec\": {\"env\": []}}"));
        await().atMost(LIMIT).until(() -> server.has(POD));
    }

    private void awaitPodReadySays(String message) {
        await().atMost(LIMIT)
                .until(() -> String.valueOf(server.object(SANDBOX)).contains("ConfigError")
                        && String.valueOf(server.object(SANDBOX)).contains(message));
    }

    private void create() {
        create("");
    }

    /** @param more fields of the spec, each with a comma after it */
    private void create(String more) {
        server.put(SANDBOX, """
                {"apiVersion":"agenttier.io/v1alpha1","kind":"Sandbox",
                 "metadata":{"name":"hello","namespace":"team1","uid":"uid-1","generation":1,
                   "creationTimestamp":"2026-01-01T00:00:00Z"},
                 "spec":{%s"image":{"repository":"example.test/image:1"}}}
                """.formatted(more));
    }

    private String status(String field) {
        var status = server.object(SANDBOX).getAsJsonObject("status");
        return status == null || !status.has(field) ? "" : status.get(field).getAsString();
    }

    private static JsonObject with(JsonObject object, String json) {
        var changes = JsonParser.parseString(json).getAsJsonObject();
        changes.entrySet().forEach(section -> {
            if (!object.has(section.getKey())) {
                object.add(section.getKey(), new JsonObject());
            }
            section.getValue()
                    .getAsJsonObject()
                    .entrySet()
                    .forEach(e -> object.getAsJsonObject(section.getKey()).add(e.getKey(), e.getValue()));
        });
        return object;
    }
}
