package io.agenttier.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.controller.effect.Witness;
import io.agenttier.controller.plan.ResourceKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RestTest {
    private static final String SECRET = "/api/v1/namespaces/agenttier/secrets/s";

    private final FakeApi server;
    private final AtomicBoolean leading = new AtomicBoolean(true);
    private final Rest rest;

    RestTest() throws IOException {
        server = new FakeApi();
        rest = new Rest(server.client(), leading::get, Witness.NONE);
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void processThatLostItsLeaseReadsButWritesNothing() {
        leading.set(false);
        var secrets = new SecretApi(rest, "agenttier");
        assertThat(secrets.read("s")).isEmpty();
        assertThatThrownBy(() -> secrets.write("s", "Opaque", "ca", Map.of("a", "b"), Optional.empty()))
                .isInstanceOf(NotLeading.class);
        assertThat(server.writes()).isEmpty();
    }

    @Test
    void secondCreatorAndStaleWriterAreToldToReadAgain() {
        var secrets = new SecretApi(rest, "agenttier");
        assertThat(secrets.write("s", "Opaque", "ca", Map.of("a", "1"), Optional.empty()))
                .isTrue();
        assertThat(secrets.write("s", "Opaque", "ca", Map.of("a", "2"), Optional.empty()))
                .isFalse();
        var stored = secrets.read("s");
        assertThat(stored.orElseThrow().data()).containsExactly(Map.entry("a", "1"));
        assertThat(secrets.write("s", "Opaque", "ca", Map.of("a", "3"), stored)).isTrue();
        assertThat(secrets.write("s", "Opaque", "ca", Map.of("a", "4"), stored)).isFalse();
        assertThat(secrets.read("s").orElseThrow().data()).containsEntry("a", "3");
    }

    @Test
    void deleteMeansOneObjectAndNotItsName() {
        server.put(SECRET, "{\"metadata\":{\"name\":\"s\",\"uid\":\"new\"}}");
        var api = new ObjectApi(rest);
        assertThat(api.delete(ResourceKind.SECRET, "agenttier", "s", "old"))
                .hasValueSatisfying(r -> assertThat(r.conflict()).isTrue());
        assertThat(server.has(SECRET)).isTrue();
        assertThat(api.delete(ResourceKind.SECRET, "agenttier", "s", "new")).isEmpty();
        assertThat(server.has(SECRET)).isFalse();
    }

    @Test
    void serverThatIsNotThereIsAnExceptionAndNoAnswer() {
        server.close();
        assertThatThrownBy(() -> rest.get(SECRET))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(SECRET);
    }

    @Test
    void caBundleIsWrittenOnlyWhenItChanges() {
        var path = "/apis/apiregistration.k8s.io/v1/apiservices/v1.example.test";
        var api = new ApiServiceApi(rest, "v1.example.test");
        assertThat(api.trust("CA")).as("not registered yet").isFalse();
        server.put(
                path, "{\"metadata\":{\"name\":\"v1.example.test\",\"uid\":\"u\"},\"spec\":{\"versionPriority\":15}}");
        assertThat(api.trust("CA")).isTrue();
        assertThat(api.trust("CA")).isTrue();
        assertThat(server.writes()).containsExactly("PATCH " + path);
        assertThat(server.object(path).getAsJsonObject("spec").get("caBundle").getAsString())
                .isEqualTo("Q0E=");
        api.delete();
        api.delete();
        assertThat(server.has(path)).isFalse();
    }

    @Test
    void everyWebhookOfAConfigurationTrustsTheSameBundle() {
        var path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/v.example.test";
        var api = new WebhookApi(rest, WebhookApi.Type.VALIDATING, "v.example.test");
        assertThat(api.trust("CA")).as("not registered yet").isFalse();
        server.put(path, """
                {"metadata":{"name":"v.example.test","uid":"u"},"webhooks":[{"name":"a","clientConfig":{"caBundle":"Q0E="}},
                 {"name":"b","clientConfig":{}}]}""");
        assertThat(api.trust("CA")).isTrue();
        assertThat(server.writes()).containsExactly("PATCH " + path);
        assertThat(server.object(path).getAsJsonArray("webhooks"))
                .allSatisfy(webhook -> assertThat(webhook.toString()).contains("\"caBundle\":\"Q0E=\""));
        assertThat(api.trust("CA")).isTrue();
        assertThat(server.writes()).hasSize(1);
    }
}
