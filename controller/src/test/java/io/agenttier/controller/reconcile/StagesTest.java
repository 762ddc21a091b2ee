package io.agenttier.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.ObjectMeta;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxSpec;
import io.agenttier.controller.effect.Witness;
import io.agenttier.controller.kube.FakeApi;
import io.agenttier.controller.kube.ObjectApi;
import io.agenttier.controller.kube.Rest;
import io.agenttier.controller.plan.Action;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@NullUnmarked
class StagesTest {
    private static final String SANDBOX = "/apis/agenttier.io/v1alpha1/namespaces/team1/sandboxes/hello";
    private static final String POD = "/api/v1/namespaces/team1/pods/hello-pod";
    private static final List<List<Action>> DELETION = List.of(List.of(new Action.DeletePod("hello-pod", "pod-uid")));

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final FakeApi server;
    private final Stages stages;

    StagesTest() throws IOException {
        server = new FakeApi();
        var api = new ObjectApi(new Rest(server.client(), () -> true, Witness.NONE));
        var secret = new SecretStep(
                api,
                _ -> true,
                new Prepared(),
                new Unclaimed(),
                new PodCertificates(() -> null, InstantSource.system(), null, threads));
        stages = new Stages(api, null, null, secret, new DeleteStep(api), null, null, null, threads);
    }

    @BeforeEach
    void put() {
        server.put(SANDBOX, "{\"metadata\":{\"name\":\"hello\",\"namespace\":\"team1\",\"uid\":\"u\"}}");
        server.put(POD, "{\"metadata\":{\"name\":\"hello-pod\",\"namespace\":\"team1\",\"uid\":\"pod-uid\"}}");
    }

    @AfterEach
    void close() {
        server.close();
        threads.shutdownNow();
    }

    @Test
    void aViewThatLagsDeletesNothing() {
        assertThat(stages.run(sandbox("1"), DELETION, false)).isInstanceOf(StepResult.Later.class);
        assertThat(server.has(POD)).isTrue();
    }

    @Test
    void theSandboxAsTheServerHasItDeletesWhatItMeansTo() {
        var version = server.object(SANDBOX)
                .getAsJsonObject("metadata")
                .get("resourceVersion")
                .getAsString();
        assertThat(stages.run(sandbox(version), DELETION, false)).isInstanceOf(StepResult.Done.class);
        assertThat(server.has(POD)).isFalse();
    }

    private static Sandbox sandbox(String version) {
        var metadata =
                new ObjectMeta("hello", "team1", "u", version, 1, null, null, Map.of(), Map.of(), List.of(), List.of());
        return new Sandbox("agenttier.io/v1alpha1", Sandbox.KIND, metadata, SandboxSpec.EMPTY, null);
    }
}
