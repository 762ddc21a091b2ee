package io.agenttier.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Pod;
import org.junit.jupiter.api.Test;

class PodSourcesTest {
    @Test
    void everyWayToTakeSomethingIsSeenAndWhetherThePodNeedsIt() {
        var pod = JSON.getGson().fromJson("""
                {"spec": {
                  "containers": [{"name": "sandbox",
                    "env": [{"name": "A", "value": "x"}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": "env", "key": "k", "optional": true}}},
                            {"name": "C", "valueFrom": {"configMapKeyRef": {"name": "env", "key": "k"}}},
                            {"name": "AGENTTIER_TLS_KEY", "valueFrom": {"secretKeyRef": {"name": "own", "key": "k"}}}],
                    "envFrom": [{"secretRef": {"name": "env-from"}}, {"configMapRef": {"name": "env-from", "optional": true}}]}],
                  "initContainers": [{"name": "side", "envFrom": [{"secretRef": {"name": "side"}}, {"secretRef": {"name": "side"}}]}],
                  "imagePullSecrets": [{"name": "pull"}],
                  "volumes": [{"name": "a", "secret": {"secretName": "volume"}},
                              {"name": "b", "projected": {"sources": [{"secret": {"name": "projected"}}, {"configMap": {"name": "projected"}}]}},
                              {"name": "agenttier-run", "secret": {"secretName": "own"}}, {"name": "d", "emptyDir": {}}]}}""", V1Pod.class);
        assertThat(PodSources.of(pod))
                .extracting(source -> source.kind().kind() + " " + source.name() + (source.required() ? "" : "?"))
                .containsExactly(
                        "Secret env?",
                        "ConfigMap env",
                        "Secret env-from",
                        "ConfigMap env-from?",
                        "Secret side",
                        "Secret volume",
                        "Secret projected",
                        "ConfigMap projected",
                        "Secret pull?");
    }
}
