package io.agenttier.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CachesTest {
    private static final String SANDBOXES = "/apis/agenttier.io/v1alpha1/namespaces/team1/sandboxes/";
    private static final String TEMPLATES = "/apis/agenttier.io/v1alpha1/namespaces/team1/sandboxtemplates/";
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration SILENCE = Duration.ofMillis(500);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final FakeApi server = new FakeApi();
    private final Caches caches = new Caches(ApiClients.watching(server.client(), SILENCE), threads);

    CachesTest() throws IOException {}

    @AfterEach
    void close() {
        server.close();
        caches.close();
        threads.shutdownNow();
    }

    @Test
    void aWatchThatFallsSilentIsBegunAnewAndMissesNothing() throws InterruptedException {
        start();
        await().atMost(LIMIT).until(() -> server.watches().size() >= 8);
        server.stallWatches();
        put("late", "\"image\":{\"repository\":\"x:1\"}");
        await().atMost(LIMIT).until(() -> caches.sandboxes().get("team1", "late") != null);
        assertThat(server.watches())
                .as("silence is a sign only where the server ends a watch before")
                .allMatch(watch -> watch.contains("timeoutSeconds=120"));
    }

    @Test
    void oneObjectThatCannotBeReadKeepsNobodyElseFromBeingListedOrWatched() throws InterruptedException {
        put("listed", "\"env\":\"no list\",\"image\":{\"repository\":\"x:1\"}");
        server.put(TEMPLATES + "bad", """
                {"metadata":{"name":"bad","namespace":"team1"},"spec":{"env":7}}""");
        put("good", "\"image\":{\"repository\":\"x:1\"}");
        start();
        put("watched", "\"image\":7");
        put("later", "\"image\":{\"repository\":\"x:1\"}");
        await().atMost(LIMIT).until(() -> caches.sandboxes().get("team1", "later") != null);

        assertThat(sandbox("good").toSandbox().spec().layer().image()).isNotNull();
        assertThatThrownBy(() -> sandbox("listed").toSandbox())
                .isInstanceOf(UnreadableSpec.class)
                .hasMessageStartingWith("env: ");
        assertThatThrownBy(() -> sandbox("watched").toSandbox())
                .isInstanceOf(UnreadableSpec.class)
                .hasMessageStartingWith("image: ");
        var template = Objects.requireNonNull(caches.templates().get("team1", "bad"));
        assertThat(template.spec()).isEmpty();
    }

    @Test
    void aStatusIsReadWithoutTheFieldsThatCannotBe() throws InterruptedException {
        server.put(SANDBOXES + "odd", """
                {"metadata":{"name":"odd","namespace":"team1","uid":"u"},"spec":{},
                 "status":{"phase":"Running","startedAt":"yesterday","conditions":{"no":"list"},"restartCount":"many",
                  "podName":"odd-pod","stopped":[],"incarnation":"0123abcd"}}""");
        start();
        var status = sandbox("odd").status();
        assertThat(status.phase()).isEqualTo("Running");
        assertThat(status.incarnation()).isEqualTo("0123abcd");
        assertThat(status.podName()).isEqualTo("odd-pod");
        assertThat(status.startedAt()).isNull();
        assertThat(status.restartCount()).isNull();
        assertThat(status.conditions()).isEmpty();
        assertThat(sandbox("odd").toSandbox().spec().wantedPower()).isNotNull();
    }

    private void start() throws InterruptedException {
        caches.start();
        caches.awaitFilled();
    }

    private SandboxObject sandbox(String name) {
        return Objects.requireNonNull(caches.sandboxes().get("team1", name), name);
    }

    private void put(String name, String spec) {
        server.put(
                SANDBOXES + name,
                "{\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"team1\"},\"spec\":{" + spec + "}}");
    }
}
