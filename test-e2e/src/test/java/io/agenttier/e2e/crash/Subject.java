package io.agenttier.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agenttier.e2e.client.KubeApi;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One sandbox in a namespace of its own, by plain calls of the administrator. */
record Subject(KubeApi api, String namespace) {
    static final String NAME = "sb";
    private static final String MANAGED = "agenttier.io/managed=true";

    /** Which process a hook ran beside: the start time of the daemon, which no two pods share. */
    private static final String HOOKS = """
            {"onStart":"echo start $(cut -d' ' -f22 /proc/1/stat) >> hooks","onResume":"echo resume $(cut -d' ' -f22 /proc/1/stat) >> hooks",\
            "onStop":"echo stop $(cut -d' ' -f22 /proc/1/stat) >> hooks"}""";

    void createNamespace() {
        ok(api.post("/api/v1/namespaces", Map.of("metadata", Map.of("name", namespace))));
        ok(api.post(
                "/api/v1/namespaces/" + namespace + "/secrets",
                Map.of("metadata", Map.of("name", "db"), "stringData", Map.of("PASSWORD", "secret"))));
    }

    /** @param spec further fields, or others instead */
    void create(String spec) {
        var body = (ObjectNode) KubeApi.json("""
                {"apiVersion":"agenttier.io/v1alpha1","kind":"Sandbox","metadata":{"name":"sb"},"spec":{
                 "image":{"repository":"localhost/agenttier/test-busybox:dev","pullPolicy":"IfNotPresent"},
                 "resources":{"requests":{"cpu":"1m","memory":"8Mi"},"limits":{"cpu":"1","memory":"128Mi"}},
                 "storage":{"size":"64Mi"},
                 "credentials":[{"secretName":"db","mountAs":"env"}],
                 "network":{"allowInternet":true}}}""");
        var all = (ObjectNode) body.get("spec");
        all.setAll((ObjectNode)
                KubeApi.json("{\"harness\":{\"tools\":[{\"name\":\"sh\",\"verifyCommand\":\"sh -c true\"}],\"hooks\":"
                        + HOOKS + "}}"));
        all.setAll((ObjectNode) KubeApi.json(spec));
        ok(api.post(sandboxes(), body));
    }

    void patch(String body) {
        patch(path(), body);
    }

    void patch(String path, String body) {
        ok(api.call("PATCH", path, body.getBytes(StandardCharsets.UTF_8), "application/merge-patch+json"));
    }

    void delete() {
        ok(api.delete(path()));
    }

    JsonNode get() {
        return api.get(path()).json();
    }

    boolean isGone() {
        return api.get(path()).code() == 404;
    }

    /** Whether it is in that phase by the present spec; Running only if it is Ready. */
    boolean is(String phase) {
        var sandbox = get();
        var isOfPresentSpec = sandbox.at("/status/observedGeneration").asLong()
                == sandbox.at("/metadata/generation").asLong();
        return isOfPresentSpec
                && sandbox.at("/status/phase").asText().equals(phase)
                && holds(sandbox, "Ready") == phase.equals("Running");
    }

    boolean holds(String type) {
        return holds(get(), type);
    }

    /** Path of what the port has.
     *
     * @param kind services or ingresses
     */
    String port(String kind) {
        var group = kind.equals("services") ? "/api/v1" : "/apis/networking.k8s.io/v1";
        return group + "/namespaces/" + namespace + "/" + kind + "/pf-" + NAME + "-8080";
    }

    private static boolean holds(JsonNode sandbox, String type) {
        for (var condition : sandbox.at("/status/conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText().equals("True");
            }
        }
        return false;
    }

    /** Lines that the hooks wrote: kind and the pod's daemon. */
    List<String> hooks() {
        var reply = api.post(
                "/apis/agenttier.io/subresources-v1alpha1/namespaces/" + namespace + "/sandboxes/" + NAME + "/exec",
                Map.of("command", List.of("cat", "hooks")));
        ok(reply);
        return reply.json().get("stdout").asText().lines().toList();
    }

    List<JsonNode> pods() {
        return items("/api/v1/namespaces/" + namespace + "/pods?labelSelector=" + MANAGED);
    }

    /** All that was made for the sandbox, as {@code kind/name}. */
    List<String> made() {
        var made = new ArrayList<String>();
        for (var kind : List.of("pods", "persistentvolumeclaims", "secrets", "serviceaccounts", "services")) {
            items("/api/v1/namespaces/" + namespace + "/" + kind).forEach(item -> {
                var name = item.at("/metadata/name").asText();
                if (!name.equals("db") && !name.equals("default")) made.add(kind + "/" + name);
            });
        }
        for (var kind : List.of("networkpolicies", "ingresses")) {
            items("/apis/networking.k8s.io/v1/namespaces/" + namespace + "/" + kind)
                    .forEach(item ->
                            made.add(kind + "/" + item.at("/metadata/name").asText()));
        }
        return made;
    }

    String path() {
        return sandboxes() + "/" + NAME;
    }

    private String sandboxes() {
        return "/apis/agenttier.io/v1alpha1/namespaces/" + namespace + "/sandboxes";
    }

    private List<JsonNode> items(String path) {
        var items = new ArrayList<JsonNode>();
        api.get(path).json().get("items").forEach(items::add);
        return items;
    }

    private static void ok(KubeApi.Reply reply) {
        if (reply.code() >= 300) throw new AssertionError(reply.toString());
    }
}
