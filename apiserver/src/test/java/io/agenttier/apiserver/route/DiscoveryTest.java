package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.codec.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Discovery, OpenAPI and health, asked as kube-apiserver asks. */
class DiscoveryTest {
    private static final String V2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    private static final String VERSION = "/apis/agenttier.io/subresources-v1alpha1";

    private Aggregator kube;

    @BeforeEach
    void start() throws Exception {
        kube = new Aggregator(new Echo("files", "GET", "PUT"), new Echo("exec", "POST"));
    }

    @AfterEach
    void stop() {
        kube.close();
    }

    @Test
    void servesAggregatedDiscoveryInTheTypeAskedFor() throws Exception {
        var answer = kube.as(
                "system:kube-aggregator",
                "GET",
                "/apis",
                "X-Remote-Group: system:masters",
                "Accept: " + V2
                        + ",application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).isEqualTo(V2);
        assertThat(answer.header("vary")).isEqualTo("Accept");
        assertThat(Json.object(answer.body())).isEqualTo(golden("""
                        {"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[{"metadata":{"name":"agenttier.io"},
                         "versions":[{"version":"subresources-v1alpha1","freshness":"Current","resources":[{"resource":"sandboxes","scope":"Namespaced",
                         "singularResource":"sandbox","verbs":[],"subresources":[
                          {"subresource":"exec","verbs":["create"],
                           "responseKind":{"group":"agenttier.io","version":"subresources-v1alpha1","kind":"SandboxExecRequest"}},
                          {"subresource":"files","verbs":["get","update"],
                           "responseKind":{"group":"agenttier.io","version":"subresources-v1alpha1","kind":"SandboxExecRequest"}}]}]}]}]}
                        """));
    }

    @Test
    void answersNotModifiedForTheEntityTagItGave() throws Exception {
        var tag = kube.as("a", "GET", "/apis", "Accept: " + V2).header("etag");
        var unchanged = kube.as("a", "GET", "/apis", "Accept: " + V2, "If-None-Match: " + tag);
        assertThat(unchanged.status()).isEqualTo(304);
        assertThat(unchanged.header("etag")).isEqualTo(tag);
        assertThat(kube.as("a", "GET", "/apis", "If-None-Match: " + tag).status())
                .isEqualTo(200);
    }

    @Test
    void servesLegacyDiscoveryWithoutTheParent() throws Exception {
        var answer = kube.as("system:kube-aggregator", "GET", VERSION, "Accept: application/json");
        assertThat(Json.object(answer.body())).isEqualTo(golden("""
                        {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"agenttier.io/subresources-v1alpha1","resources":[
                         {"name":"sandboxes/exec","singularName":"","namespaced":true,"kind":"SandboxExecRequest","verbs":["create"]},
                         {"name":"sandboxes/files","singularName":"","namespaced":true,"kind":"SandboxExecRequest","verbs":["get","update"]}]}
                        """));
    }

    @Test
    void servesGroupAndGroups() throws Exception {
        var version = "{\"groupVersion\":\"agenttier.io/subresources-v1alpha1\",\"version\":\"subresources-v1alpha1\"}";
        var group = "{\"kind\":\"APIGroup\",\"apiVersion\":\"v1\",\"name\":\"agenttier.io\",\"versions\":[" + version
                + "],\"preferredVersion\":" + version + "}";
        assertThat(kube.as("a", "GET", "/apis/agenttier.io").text()).isEqualTo(group);
        assertThat(Json.object(kube.as("a", "GET", "/apis").body()))
                .isEqualTo(golden("{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[" + group + "]}"));
    }

    @Test
    void listsOnlyItsOwnVersionInOpenApi() throws Exception {
        var index =
                Json.object(kube.as("system:aggregator", "GET", "/openapi/v3").body());
        assertThat(map(index, "paths").keySet()).containsExactly("apis/agenttier.io/subresources-v1alpha1");
        var url = String.valueOf(map(map(index, "paths"), "apis/agenttier.io/subresources-v1alpha1")
                .get("serverRelativeURL"));
        assertThat(url).matches("/openapi/v3/apis/agenttier.io/subresources-v1alpha1\\?hash=[0-9A-F]{128}");
        var current = kube.as("alice", "GET", url);
        assertThat(current.status()).isEqualTo(200);
        assertThat(current.header("cache-control")).isEqualTo("public, immutable");
        var stale = kube.as("alice", "GET", url.substring(0, url.indexOf('=')) + "=OLD");
        assertThat(stale.status()).isEqualTo(200);
        assertThat(stale.header("cache-control")).isEqualTo("no-cache");
        assertThat(stale.body()).isEqualTo(current.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openapi/v3/apis/agenttier.io/subresources-v1alpha1", "/openapi/v2"})
    void describesEveryMethodWithResolvableReferences(String path) throws Exception {
        var document = Json.object(kube.as("alice", "GET", path).body());
        assertThat(map(document, "paths").keySet())
                .containsExactly(
                        VERSION + "/namespaces/{namespace}/sandboxes/{name}/exec",
                        VERSION + "/namespaces/{namespace}/sandboxes/{name}/files");
        var schemas = document.containsKey("definitions")
                ? map(document, "definitions")
                : map(map(document, "components"), "schemas");
        var text = new String(Json.write(document), StandardCharsets.UTF_8);
        var references = Pattern.compile("\"\\$ref\":\"#/(?:definitions|components/schemas)/([^\"]+)\"")
                .matcher(text);
        int found = 0;
        while (references.find()) {
            assertThat(schemas).containsKey(references.group(1));
            found++;
        }
        assertThat(found).isGreaterThan(5);
        map(document, "paths")
                .values()
                .forEach(operations -> ((Map<?, ?>) operations)
                        .values()
                        .forEach(operation -> assertThat(((Map<?, ?>) operation)
                                        .keySet().stream().map(String::valueOf))
                                .contains(
                                        "operationId",
                                        "x-kubernetes-action",
                                        "x-kubernetes-group-version-kind",
                                        "responses")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openapi/v3/apis/agenttier.io/subresources-v1alpha1", "/openapi/v2"})
    void describesAProxyAsThatOfPods(String path) throws Exception {
        try (var other =
                new Aggregator(Echo.deep("proxy", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))) {
            var document = Json.object(other.as("alice", "GET", path).body());
            var proxy = VERSION + "/namespaces/{namespace}/sandboxes/{name}/proxy/{port}";
            assertThat(map(document, "paths").keySet()).containsExactly(proxy, proxy + "/{path}");
            var methods = map(map(document, "paths"), proxy + "/{path}");
            assertThat(methods.keySet()).containsExactlyInAnyOrder("get", "post", "put", "patch", "delete", "options");
            assertThat(map(methods, "put"))
                    .containsEntry("operationId", "putAgenttierIoSubresourcesV1alpha1NamespacedSandboxProxyWithPath");
            assertThat(String.valueOf(map(methods, "put").get("parameters")))
                    .contains("name=port, in=path", "name=path, in=path");
        }
    }

    @Test
    void answersHealthWithoutAnyIdentity() throws Exception {
        kube.trust = Optional.empty();
        try (var client = kube.connect(null)) {
            for (var path : List.of("/livez", "/readyz", "/healthz", "/readyz/everything", "/livez/ping")) {
                assertThat(client.call("GET", path).text()).isEqualTo("ok");
            }
            assertThat(client.call("GET", "/readyz?verbose").text())
                    .isEqualTo("[+]everything ok\n[+]shutdown ok\nreadyz check passed\n");
            assertThat(client.call("POST", "/livez").status()).isEqualTo(405);
        }
    }

    @Test
    void isNotReadyBeforeEverythingWasLoadedAndStaysReadyAfterwards() throws Exception {
        kube.loaded = false;
        try (var client = kube.connect(null)) {
            var waiting = client.call("GET", "/readyz");
            assertThat(waiting.status()).isEqualTo(503);
            assertThat(waiting.text()).contains("[-]everything failed").endsWith("readyz check failed\n");
            assertThat(client.call("GET", "/livez").status()).isEqualTo(200);
            kube.loaded = true;
            assertThat(client.call("GET", "/readyz").status()).isEqualTo(200);
            kube.loaded = false;
            assertThat(client.call("GET", "/readyz").status()).isEqualTo(200);
            kube.readiness.stop();
            assertThat(client.call("GET", "/readyz").status()).isEqualTo(503);
            assertThat(client.call("GET", "/readyz/shutdown").status()).isEqualTo(503);
        }
    }

    @Test
    void showsVersionAndMetricsToThoseWhoMayAndRefusesOthers() throws Exception {
        assertThat(Json.object(kube.as("a", "GET", "/version").body()))
                .containsEntry("gitVersion", "v0.1.0")
                .containsEntry("major", "0")
                .containsEntry("minor", "1");
        var path = VERSION + "/namespaces/a/sandboxes/b/exec";
        kube.as("a", "POST", path);
        var metrics = kube.as("a", "GET", "/metrics");
        assertThat(metrics.header("content-type")).startsWith("text/plain; version=0.0.4");
        assertThat(metrics.text())
                .contains("agenttier_apiserver_requests_total{subresource=\"exec\",verb=\"create\",code=\"200\",} 1.0");
        kube.rights = (_, _) -> false;
        assertThat(kube.as("b", "GET", "/metrics").status()).isEqualTo(403);
        assertThat(kube.as("b", "GET", "/nothing").status()).isEqualTo(403);
    }

    @Test
    void refusesFormsItDoesNotHave() throws Exception {
        for (var path : List.of(VERSION, "/openapi/v2", "/openapi/v3/apis/agenttier.io/subresources-v1alpha1")) {
            var answer = kube.as("a", "GET", path, "Accept: application/vnd.kubernetes.protobuf");
            assertThat(answer.status()).isEqualTo(406);
            assertThat(answer.text()).contains("\"reason\":\"NotAcceptable\"");
        }
    }

    @Test
    void answers404ForAnythingElse() throws Exception {
        for (var path : List.of("/", "/api", "/apis/apps", "/openapi", "/livez/nothing", "/healthz/a/b")) {
            assertThat(kube.as("a", "GET", path).status()).isEqualTo(404);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Map<String, Object> parent, String key) {
        return (Map<String, Object>) Objects.requireNonNull(parent.get(key));
    }

    private static Map<String, Object> golden(String json) throws Exception {
        return Json.object(json.getBytes(StandardCharsets.UTF_8));
    }
}
