package io.agenttier.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.ObjectMeta;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxSpec;
import io.agenttier.controller.effect.Witness;
import io.agenttier.controller.kube.FakeApi;
import io.agenttier.controller.kube.ObjectApi;
import io.agenttier.controller.kube.Rest;
import io.agenttier.controller.plan.ResourceKind;
import io.agenttier.controller.plan.Transitions;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Pod;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@NullUnmarked
class CredentialEventTest {
    private static final String SECRETS = "/api/v1/namespaces/team1/secrets/";
    private static final String POD = """
            {"metadata":{"name":"hello-pod","namespace":"team1","labels":{"agenttier.io/incarnation":"0a1b2c3d"},
               "ownerReferences":[{"apiVersion":"agenttier.io/v1alpha1","kind":"Sandbox","name":"hello","uid":"u","controller":true}]},
             "spec":{"containers":[{"name":"sandbox","env":[{"name":"PLAIN","value":"hunter2"}],
                 "envFrom":[{"prefix":"DB_","secretRef":{"name":"db"}}],
                 "volumeMounts":[{"name":"agenttier-credential-1","mountPath":"/creds"},{"name":"workspace","mountPath":"/workspace"}]}],
               "volumes":[{"name":"agenttier-credential-1","secret":{"secretName":"keys"}},{"name":"workspace","emptyDir":{}}]}}""";

    private final List<Transitions.Note> told = new ArrayList<>();
    private final FakeApi server;
    private final CreateStep step;

    CredentialEventTest() throws IOException {
        server = new FakeApi();
        step = new CreateStep(
                new ObjectApi(new Rest(server.client(), () -> true, Witness.NONE)),
                new Recent(InstantSource.system()),
                _ -> true,
                (_, note) -> told.add(note));
    }

    @BeforeEach
    void put() {
        server.put(
                "/api/v1/namespaces/team1/configmaps/settings",
                "{\"metadata\":{\"name\":\"settings\",\"namespace\":\"team1\"}}");
        for (var name : List.of("db", "keys")) {
            server.put(SECRETS + name, """
                    {"metadata":{"name":"%s","namespace":"team1"},"data":{"PASSWORD":"aHVudGVyMg=="}}""".formatted(name));
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aNewPodWithCredentialsIsToldByTheirNamesAndNoValue() {
        assertThat(create(POD)).isInstanceOf(StepResult.Done.class);
        assertThat(told)
                .singleElement()
                .isEqualTo(
                        new Transitions.Note(
                                false,
                                "CredentialsInjected",
                                "the sandbox's processes are handed Secret \"db\" as environment, Secret \"keys\" as files in /creds"));
        assertThat(told.toString()).doesNotContain("hunter2", "aHVudGVyMg", "PASSWORD");
    }

    @Test
    void theSameIncarnationIsToldOnce() {
        create(POD);
        assertThat(create(POD)).as("finds its own pod").isInstanceOf(StepResult.Done.class);
        assertThat(told).hasSize(1);
    }

    @Test
    void aPodThatIsNotMadeOrHasNoneTellsNothing() {
        create(POD.replace("\"db\"", "\"missing\""));
        create(POD.replace("\"prefix\":\"DB_\",\"secretRef\"", "\"configMapRef\"")
                .replace("agenttier-credential-1", "other")
                .replace("\"db\"", "\"settings\""));
        assertThat(told).isEmpty();
    }

    private StepResult create(String pod) {
        var metadata =
                new ObjectMeta("hello", "team1", "u", "1", 1, null, null, Map.of(), Map.of(), List.of(), List.of());
        return step.run(
                new Sandbox("agenttier.io/v1alpha1", Sandbox.KIND, metadata, SandboxSpec.EMPTY, null),
                ResourceKind.POD,
                JSON.getGson().fromJson(pod, V1Pod.class),
                "0a1b2c3d");
    }
}
