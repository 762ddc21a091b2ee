package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is wrong is said exactly, as a {@code metav1.Status}, through the real kube-apiserver. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class ErrorsE2E {
    private static String sandbox = "";

    @BeforeAll
    static void oneSandbox(TestNamespace namespace) {
        sandbox = namespace.ready();
    }

    @Test
    void unknownSubresource(TestNamespace namespace) {
        expect(namespace.api().get(namespace.path(sandbox, "no-such-thing")), 404, "NotFound");
    }

    @Test
    void unknownSandbox(TestNamespace namespace) {
        var reply = namespace.api().post(namespace.path("nobody", "exec"), Map.of("script", "true"));
        expect(reply, 404, "NotFound");
        assertThat(reply.json().at("/details/name").asText()).isEqualTo("nobody");
        assertThat(reply.json().at("/details/kind").asText()).isEqualTo("sandboxes");
    }

    @Test
    void wrongMethod(TestNamespace namespace) {
        var reply = namespace.api().call("PUT", namespace.path(sandbox, "exec"), new byte[0], "application/json");
        expect(reply, 405, "MethodNotAllowed");
        assertThat(reply.headers().get("Allow")).contains("POST");
    }

    @Test
    void wrongMediaType(TestNamespace namespace) {
        var reply = namespace
                .api()
                .call("POST", namespace.path(sandbox, "exec"), "true".getBytes(StandardCharsets.UTF_8), "text/plain");
        expect(reply, 415, "UnsupportedMediaType");
    }

    @Test
    void unacceptableAnswer(TestNamespace namespace) {
        expect(
                namespace
                        .api()
                        .with("Accept", "application/vnd.kubernetes.protobuf")
                        .post(namespace.path(sandbox, "exec"), Map.of("script", "true")),
                406,
                "NotAcceptable");
    }

    @Test
    void dotSegments(TestNamespace namespace) {
        // %2e%2e would be resolved by the client's URL class: kube-apiserver decodes the path, so a doubly encoded one
        // arrives as dots
        var reply = namespace
                .api()
                .call(
                        "POST",
                        namespace.path(sandbox, "exec/x/%252e%252e/%252e%252e/" + sandbox + "/exec"),
                        KubeApi.bytes(Map.of("script", "true")),
                        "application/json");
        assertThat(reply.code()).as(reply.toString()).isIn(400, 404);
        assertThat(reply.json().get("kind").asText()).isEqualTo("Status");
    }

    @Test
    void badBodies(TestNamespace namespace) {
        var both = namespace
                .api()
                .post(namespace.path(sandbox, "exec"), Map.of("script", "true", "command", java.util.List.of("true")));
        expect(both, 422, "Invalid");
        assertThat(both.json().at("/details/causes").toString())
                .contains("script")
                .contains("command");
        expect(namespace.api().post(namespace.path(sandbox, "exec"), Map.of()), 422, "Invalid");
        var broken = namespace
                .api()
                .call(
                        "POST",
                        namespace.path(sandbox, "exec"),
                        "{\"script\":".getBytes(StandardCharsets.UTF_8),
                        "application/json");
        expect(broken, 400, "BadRequest");
        var misspelt =
                namespace.api().post(namespace.path(sandbox, "exec"), Map.of("script", "true", "timeoutSecond", 3));
        assertThat(misspelt.code()).isIn(400, 422);
        assertThat(misspelt.json().get("message").asText()).contains("timeoutSecond");
    }

    @Test
    void badParameters(TestNamespace namespace) {
        expect(
                namespace.api().post(namespace.path(sandbox, "exec?onDisconnect=maybe"), Map.of("script", "true")),
                400,
                "BadRequest");
        expect(namespace.api().get(namespace.path(sandbox, "log")), 400, "BadRequest");
        expect(namespace.api().get(namespace.path(sandbox, "log?process=unknown")), 404, "NotFound");
        expect(
                namespace.api().get(namespace.path(sandbox, "log?process=exec-00000000" + "0123456789abcdef")),
                410,
                "Gone");
    }

    @Test
    void powerInTheWrongPhase(TestNamespace namespace) {
        var reply = namespace.api().post(namespace.path(sandbox, "resume"), Map.of());
        expect(reply, 409, "Conflict");
        assertThat(reply.json().get("message").asText()).contains("Running");
    }

    @Test
    void aBodyOverTheLimit(TestNamespace namespace) {
        var reply = namespace
                .api()
                .post(namespace.path(sandbox, "exec"), Map.of("script", "true", "stdin", "x".repeat(17 << 20)));
        expect(reply, 413, "RequestEntityTooLarge");
    }

    private static void expect(KubeApi.Reply reply, int code, String reason) {
        assertThat(reply.code()).as(reply.toString()).isEqualTo(code);
        var status = reply.json();
        assertThat(status.get("kind").asText()).isEqualTo("Status");
        assertThat(status.get("apiVersion").asText()).isEqualTo("v1");
        assertThat(status.get("status").asText()).isEqualTo("Failure");
        assertThat(status.get("reason").asText()).isEqualTo(reason);
        assertThat(status.get("code").asInt()).isEqualTo(code);
        assertThat(status.get("message").asText()).isNotBlank();
    }
}
