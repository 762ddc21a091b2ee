package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.PlainPod;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code spec.ports}: what the controller makes of it, and who may change it how. */
@Tag("e2e")
@Timeout(300)
@ExtendWith(ClusterExtension.class)
class DeclaredPortsE2E {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String SERVE = "harness: {command: [sh, -c, \"exec httpd -f -p 8080\"]}";

    @Test
    void aServiceLeadsToThePodForWhomARuleLetsIn(TestNamespace namespace) {
        var peer = PlainPod.sleeping(namespace, "peer");
        var sandbox = namespace.ready(
                SERVE,
                "ports: [{port: 8080}]",
                "network: {ingressRules: [{cidr: %s/32, ports: [{port: 8080}]}]}".formatted(peer.address()));
        awaitForwarded(namespace, sandbox, 8080);
        var service = service(namespace, sandbox, 8080);
        assertThat(service.at("/spec/type").asText()).isEqualTo("ClusterIP");
        assertThat(service.at("/metadata/ownerReferences/0/name").asText()).isEqualTo(sandbox);
        var url = namespace
                .sandbox(sandbox)
                .at("/status/forwardedPorts/0/internalUrl")
                .asText();
        assertThat(url).isEqualTo("http://pf-%s-8080.%s.svc:8080".formatted(sandbox, namespace.name()));
        var get = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 %s 8080"
                .formatted(service.at("/spec/clusterIP").asText());
        // an answer of the server in the sandbox, which has no such file
        Awaitility.await("the peer reaches it by its address")
                .atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(peer.exec("sh", "-c", get).toString()).contains("404"));
    }

    @Test
    void callsAndManifestsDeclarePortsBesideEachOther(TestNamespace namespace) {
        var sandbox = namespace.ready();
        assertThat(post(namespace, sandbox, "{\"port\":8080,\"protocol\":\"http\"}")
                        .code())
                .isEqualTo(201);
        apply(namespace, sandbox, "gitops", "[{\"port\":5432,\"protocol\":\"tcp\",\"name\":\"db\"}]");
        var added = post(namespace, sandbox, "{\"port\":9090,\"protocol\":\"tcp\"}");
        assertThat(added.code()).as(added.text()).isEqualTo(201);
        assertThat(added.json().at("/kind").asText()).isEqualTo("SandboxPort");
        assertThat(added.json().at("/internalUrl").asText())
                .isEqualTo("tcp://pf-%s-9090.%s.svc:9090".formatted(sandbox, namespace.name()));
        awaitForwarded(namespace, sandbox, 5432, 8080, 9090);
        assertThat(post(namespace, sandbox, "{\"port\":5432,\"protocol\":\"tcp\"}")
                        .code())
                .as("it is there already")
                .isEqualTo(200);
        for (var refused : List.of(
                post(namespace, sandbox, "{\"port\":5432,\"protocol\":\"http\"}"), remove(namespace, sandbox, 5432))) {
            assertThat(refused.code()).as(refused.text()).isEqualTo(409);
            assertThat(refused.json().at("/message").asText()).contains("\"gitops\"");
        }
        var listed = namespace.api().get(namespace.path(sandbox, "ports")).json();
        assertThat(listed.at("/kind").asText()).isEqualTo("SandboxPortList");
        assertThat(numbers(listed.at("/items"))).containsExactly(5432, 8080, 9090);

        apply(namespace, sandbox, "gitops", "[]");
        awaitForwarded(namespace, sandbox, 8080, 9090);
        assertThat(remove(namespace, sandbox, 8080).code()).isEqualTo(204);
        assertThat(remove(namespace, sandbox, 8080).code()).isEqualTo(404);
        awaitForwarded(namespace, sandbox, 9090);
        Awaitility.await("what is no longer declared is gone")
                .atMost(LIMIT)
                .untilAsserted(() ->
                        assertThat(made(namespace, sandbox)).containsExactly("service/pf-%s-9090".formatted(sandbox)));
        namespace.awaitEvent(sandbox, "PortRemoved", "port 8080");
        namespace.awaitEvent(sandbox, "PortRemoved", "port 5432");
        assertThat(namespace.events(sandbox, "PortForwarded").split("is at", -1))
                .hasSize(4);
    }

    @Test
    void anHttpPortHasAPreviewAndBothAreCorrected(TestNamespace namespace) {
        var sandbox = namespace.ready("ports: [{port: 8080}]");
        awaitForwarded(namespace, sandbox, 8080);
        var ingress = ingress(namespace, sandbox);
        var host = ingress.at("/spec/rules/0/host").asText();
        assertThat(host).matches("sandbox-" + sandbox + "-8080-[0-9a-f]{10}\\.preview\\.test");
        assertThat(ingress.at("/spec/ingressClassName").asText()).isEqualTo("none");
        assertThat(ingress.at("/spec/rules/0/http/paths/0/backend/service/name").asText())
                .isEqualTo("pf-" + sandbox + "-8080");
        assertThat(namespace
                        .sandbox(sandbox)
                        .at("/status/forwardedPorts/0/previewUrl")
                        .asText())
                .isEqualTo("http://" + host);
        var address = service(namespace, sandbox, 8080).at("/spec/clusterIP").asText();

        patch(
                namespace,
                "service/pf-" + sandbox + "-8080",
                "{\"spec\":{\"type\":\"NodePort\",\"selector\":{\"app\":\"x\"},\"ports\":[{\"name\":\"a\",\"port\":1},{\"name\":\"b\",\"port\":2}]}}");
        patch(namespace, "ingress/pf-" + sandbox + "-8080", "{\"spec\":{\"rules\":[{\"host\":\"mine.test\"}]}}");
        Awaitility.await("what was edited is corrected").atMost(LIMIT).untilAsserted(() -> {
            var service = service(namespace, sandbox, 8080).at("/spec");
            assertThat(service.at("/type").asText()).isEqualTo("ClusterIP");
            assertThat(service.at("/clusterIP").asText()).isEqualTo(address);
            assertThat(service.at("/selector").toString())
                    .isEqualTo("{\"agenttier.io/sandbox\":\"%s\"}".formatted(sandbox));
            assertThat(numbers(service.at("/ports"))).containsExactly(8080);
            assertThat(ingress(namespace, sandbox).at("/spec/rules/0/host").asText())
                    .isEqualTo(host);
        });
        namespace
                .kubectl()
                .run("delete", "ingress,service", "pf-" + sandbox + "-8080")
                .orThrow();
        Awaitility.await("what was deleted is made again")
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(made(namespace, sandbox)).hasSize(2));
        assertThat(namespace.events(sandbox, "PortRemoved")).isEmpty();
    }

    @Test
    void portsOutliveAStopAndEndWithTheSandbox(TestNamespace namespace) {
        var sandbox = namespace.ready("ports: [{port: 8080}]");
        awaitForwarded(namespace, sandbox, 8080);
        var address = service(namespace, sandbox, 8080).at("/spec/clusterIP").asText();
        namespace.kubectl().sandbox("stop", sandbox).orThrow();
        namespace.awaitPhase(sandbox, "Stopped");
        awaitForwarded(namespace, sandbox, 8080);
        namespace.kubectl().sandbox("resume", sandbox, "--wait").orThrow();
        assertThat(service(namespace, sandbox, 8080).at("/spec/clusterIP").asText())
                .isEqualTo(address);
        namespace.kubectl().run("delete", "sandbox", sandbox).orThrow();
        Awaitility.await("all of it is gone")
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(made(namespace, sandbox)).isEmpty());
    }

    @Test
    void aServiceOfSomebodyElseIsLeftAlone(TestNamespace namespace) {
        namespace
                .kubectl()
                .run("create", "service", "clusterip", "pf-guest-8080", "--tcp=80")
                .orThrow();
        namespace.kubectl().with("""
                apiVersion: agenttier.io/v1alpha1
                kind: Sandbox
                metadata: {name: guest}
                spec:
                  image: {repository: "localhost/agenttier/test-busybox:dev", pullPolicy: IfNotPresent}
                  resources: {requests: {cpu: 10m, memory: 32Mi}}
                  ports: [{port: 8080}]
                """).run("apply", "-f", "-").orThrow();
        namespace.awaitReady("guest");
        Awaitility.await("the condition names it")
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(namespace
                                .sandbox("guest")
                                .at("/status/conditions")
                                .toString())
                        .contains(
                                "PortsForwarded",
                                "Service \\\"pf-guest-8080\\\" exists and does not belong to this sandbox"));
        assertThat(service(namespace, "guest", 8080).at("/spec/selector/app").asText())
                .isEqualTo("pf-guest-8080");
        namespace.kubectl().run("delete", "service", "pf-guest-8080").orThrow();
        awaitForwarded(namespace, "guest", 8080);
    }

    @Test
    void whatCannotBeAPortIsRefused(TestNamespace namespace) {
        var sandbox = namespace.apply("test-busybox");
        for (var port : List.of("0", "65536", "9000")) {
            assertThat(post(namespace, sandbox, "{\"port\":%s}".formatted(port)).code())
                    .as(port)
                    .isEqualTo(400);
        }
        var name = "n".repeat(39);
        var manifest = """
                apiVersion: agenttier.io/v1alpha1
                kind: Sandbox
                metadata: {name: %s}
                spec: {image: {repository: i}, ports: [{port: 8080, protocol: %s}], powerState: Stopped}
                """;
        var refused = namespace.kubectl().with(manifest.formatted(name, "http")).run("apply", "-f", "-");
        assertThat(refused.code()).isNotZero();
        assertThat(refused.stderr()).contains("spec.ports", "at most 38 characters", "has 39");
        namespace
                .kubectl()
                .with(manifest.formatted(name, "tcp"))
                .run("apply", "-f", "-")
                .orThrow();
        var late = post(namespace, name, "{\"port\":80}");
        assertThat(late.code()).as(late.text()).isEqualTo(422);
        assertThat(late.text()).contains("at most 38 characters");
    }

    @Test
    void thePluginListsAddsAndRemoves(TestNamespace namespace) {
        var sandbox = namespace.ready();
        assertThat(namespace
                        .kubectl()
                        .sandbox("ports", "add", sandbox, "8080")
                        .orThrow()
                        .stdout())
                .contains("8080", "http", "http://pf-" + sandbox + "-8080.");
        awaitForwarded(namespace, sandbox, 8080);
        assertThat(namespace
                        .kubectl()
                        .sandbox("ports", "list", sandbox)
                        .orThrow()
                        .stdout())
                .contains("PORT", "PREVIEW URL", ".preview.test");
        namespace.kubectl().sandbox("ports", "remove", sandbox, "8080").orThrow();
        awaitForwarded(namespace, sandbox);
        var gone = namespace.kubectl().sandbox("ports", "remove", sandbox, "8080");
        assertThat(gone.code()).isNotZero();
        assertThat(gone.stderr()).contains("port 8080 is not declared in spec.ports of sandbox");
    }

    private static KubeApi.Reply post(TestNamespace namespace, String sandbox, String body) {
        return namespace.api().post(namespace.path(sandbox, "ports"), KubeApi.json(body));
    }

    private static KubeApi.Reply remove(TestNamespace namespace, String sandbox, int port) {
        return namespace.api().delete(namespace.path(sandbox, "ports?port=" + port));
    }

    private static void apply(TestNamespace namespace, String sandbox, String manager, String ports) {
        // kubectl would hand over to this manager what its own apply once wrote
        var manifest = """
                {"apiVersion":"agenttier.io/v1alpha1","kind":"Sandbox","metadata":{"name":"%s"},"spec":{"ports":%s}}""".formatted(sandbox, ports);
        var applied = namespace
                .api()
                .call(
                        "PATCH",
                        "/apis/agenttier.io/v1alpha1/namespaces/%s/sandboxes/%s?fieldManager=%s"
                                .formatted(namespace.name(), sandbox, manager),
                        manifest.getBytes(StandardCharsets.UTF_8),
                        "application/apply-patch+yaml");
        assertThat(applied.code()).as(applied.text()).isEqualTo(200);
    }

    private static void patch(TestNamespace namespace, String object, String body) {
        namespace.kubectl().run("patch", object, "--type=merge", "-p", body).orThrow();
    }

    private static void awaitForwarded(TestNamespace namespace, String sandbox, Integer... ports) {
        Awaitility.await("forwarded ports of " + sandbox)
                .atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(numbers(namespace.sandbox(sandbox).at("/status/forwardedPorts")))
                                .containsExactly(ports));
    }

    private static List<Integer> numbers(JsonNode items) {
        var numbers = new ArrayList<Integer>();
        items.forEach(item -> numbers.add(item.get("port").asInt()));
        return numbers;
    }

    /** As {@code kind/name}. */
    private static List<String> made(TestNamespace namespace, String sandbox) {
        var made = new ArrayList<String>();
        for (var kind : Map.of("service", "services", "ingress", "ingresses").entrySet()) {
            namespace
                    .kubectl()
                    .run(
                            "get",
                            kind.getValue(),
                            "-l",
                            "agenttier.io/sandbox=" + sandbox,
                            "-o",
                            "jsonpath={.items[*].metadata.name}")
                    .orThrow()
                    .stdout()
                    .lines()
                    .flatMap(line -> List.of(line.split(" ", -1)).stream())
                    .filter(name -> !name.isEmpty())
                    .forEach(name -> made.add(kind.getKey() + "/" + name));
        }
        return made;
    }

    private static JsonNode service(TestNamespace namespace, String sandbox, int port) {
        return namespace
                .api()
                .get("/api/v1/namespaces/%s/services/pf-%s-%d".formatted(namespace.name(), sandbox, port))
                .json();
    }

    private static JsonNode ingress(TestNamespace namespace, String sandbox) {
        return namespace
                .api()
                .get("/apis/networking.k8s.io/v1/namespaces/%s/ingresses/pf-%s-8080"
                        .formatted(namespace.name(), sandbox))
                .json();
    }
}
