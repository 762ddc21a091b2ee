package io.agenttier.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Pod;
import org.junit.jupiter.api.Test;

class PodSecretsTest {
    @Test
    void everyWayToTakeSomethingFromASecretIsSeen() {
        var pod = JSON.getGson().fromJson("""
                {"spec": {
                  "containers": [{"name": "sandbox",
                    "env": [{"name": "A", "value": "x"}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": "env", "key": "k"}}},
                            {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "own", "key": "k"}}}],
                    "envFrom": [{"secretRef": {"name": "env-from"}}, {"configMapRef": {"name": "no"}}]}],
                  "initContainers": [{"name": "side", "envFrom": [{"secretRef": {"name": "side"}}]}],
                  "imagePullSecrets": [{"name": "pull"}],
                  "volumes": [{"name": "a", "secret": {"secretName": "volume"}},
                              {"name": "b", "projected": {"sources": [{"secret": {"name": "projected"}}, {"configMap": {"name": "no"}}]}},
                              {"name": "c", "secret": {"secretName": "own"}}, {"name": "d", "emptyDir": {}}]}}""", V1Pod.class);
        assertThat(PodSecrets.named(pod, "own"))
                .containsExactly("env", "env-from", "projected", "pull", "side", "volume");
    }
}
