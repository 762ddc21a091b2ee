package io.agenttier.apiserver.admission;

import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateSpec;
import io.agenttier.api.network.Cidr;
import io.agenttier.api.port.PreviewHosts;
import io.agenttier.apiserver.auth.AccessReviewer;
import io.agenttier.apiserver.auth.Attributes;
import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.MalformedException;
import io.agenttier.apiserver.resource.FakeExchange;
import io.agenttier.apiserver.route.Incoming;
import io.agenttier.apiserver.route.RequestHandler;
import io.agenttier.apiserver.telemetry.Metrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The whole webhook in a world that a test makes: rights, templates, sandboxes. Nobody has a right at first. */
final class Webhook implements AccessReviewer, Templates, TemplateUses {
    final Set<String> rights = new HashSet<>();
    final Map<String, String> templates = new HashMap<>();
    final Set<String> sandboxes = new HashSet<>();
    final List<String> users = new ArrayList<>();
    final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    boolean namespaceGoes;
    boolean kubeIsDown;

    private final RequestHandler handler = Admission.handler(
            this,
            this,
            this,
            (namespace, name) -> sandboxes.contains(namespace + "/" + name),
            "agenttier",
            List.of(Cidr.of("168.63.129.16/32")),
            PreviewHosts.of("example.com", "a".repeat(55) + "-{name}-{port}.{domain}")
                    .orElseThrow(),
            new Metrics(),
            InstantSource.system());

    /** Answer of the HTTP call. */
    FakeExchange post(String path, String body) {
        return call("POST", path, body);
    }

    FakeExchange call(String method, String path, String body) {
        var exchange = FakeExchange.with(body);
        handler.handle(
                new Incoming(
                        method,
                        path,
                        Map.of(),
                        List.of(),
                        "192.0.2.1",
                        InstantSource.system().instant()),
                exchange);
        return exchange;
    }

    /** {@code response} of a review by user eve in namespace team. */
    Response review(String path, String operation, String object, String oldObject) {
        var answer = post(path, question(operation, object, oldObject));
        try {
            return new Response(map(
                    Json.object(answer.text().getBytes(StandardCharsets.UTF_8)).get("response")));
        } catch (MalformedException e) {
            throw new AssertionError(answer.text(), e);
        }
    }

    static String question(String operation, String object, String oldObject) {
        return """
                {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "u-1", "operation": "%s",
                 "namespace": "team", "name": "sb", "userInfo": {"username": "eve", "groups": ["system:authenticated"],
                  "extra": {"email": ["eve@example.org", "second@example.org"]}}, "object": %s, "oldObject": %s}}""".formatted(operation, object, oldObject);
    }

    record Response(Map<String, Object> fields) {
        boolean allowed() {
            return Boolean.TRUE.equals(fields.get("allowed"));
        }

        @Nullable
        Object status(String field) {
            return map(fields.get("status")).get(field);
        }

        /** Of each cause its field and message. */
        List<String> causes() {
            var causes = (List<?>) Objects.requireNonNull(
                    map(map(fields.get("status")).get("details")).get("causes"));
            return causes.stream().map(Response::cause).toList();
        }

        private static String cause(Object cause) {
            return map(cause).get("field") + ": " + map(cause).get("message");
        }

        List<?> warnings() {
            return fields.get("warnings") instanceof List<?> warnings ? warnings : List.of();
        }

        String patch() {
            return fields.get("patch") instanceof String patch
                    ? new String(java.util.Base64.getDecoder().decode(patch), StandardCharsets.UTF_8)
                    : "";
        }
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(@Nullable Object value) {
        return (Map<String, Object>) Objects.requireNonNull(value);
    }

    @Override
    public Decision review(User user, Attributes attributes) throws IOException {
        if (kubeIsDown) {
            throw new IOException("kube-apiserver cannot be reached");
        }
        var right = (Attributes.Resource) attributes;
        var text = "%s %s%s %s%s"
                .formatted(
                        right.verb(),
                        right.resource(),
                        right.subresource().isEmpty() ? "" : "/" + right.subresource(),
                        right.namespace().isEmpty() ? "" : right.namespace() + "/",
                        right.name());
        asked.add(user.name() + " " + text);
        return new Decision(rights.contains(text), "");
    }

    @Override
    public Optional<TemplateSpec> find(TemplateKind kind, String namespace, String name) throws IOException {
        var json = templates.get(namespace.isEmpty() ? name : namespace + "/" + name);
        return json == null
                ? Optional.empty()
                : Optional.of(Json.readTolerant(json.getBytes(StandardCharsets.UTF_8), TemplateSpec.class));
    }

    @Override
    public List<String> of(TemplateKind kind, String namespace, String name) {
        return users;
    }

    @Override
    public boolean isBeingDeleted(String namespace) {
        return namespaceGoes;
    }
}
