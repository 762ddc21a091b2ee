package io.agenttier.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.agenttier.api.SandboxStatus;
import io.kubernetes.client.openapi.JSON;
import org.junit.jupiter.api.Test;

class StatusWireTest {
    @Test
    void whatTheApiserverOwnsIsNeverSent() {
        var json = """
                {"phase":"Running","lastActivityTimestamp":"2026-01-01T00:00:00Z",
                 "agentConfigure":{"lastConfiguredAt":"2026-01-01T00:00:00Z","entrypoint":["run"]}}""";
        assertThat(sent(json)).hasToString("{\"phase\":\"Running\"}");
    }

    @Test
    void theContractOfAgentModeIsSentAsItIsAndAlsoEmpty() {
        var full = """
                {"resolvedAgentSpec":{"entrypoint":["run","-v"],"workingDir":"/w","env":[{"name":"A","value":""},{"name":"B",\
                "valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],"maxConcurrentInvokes":0}}""";
        assertThat(sent(full)).isEqualTo(JsonParser.parseString(full));
        assertThat(sent("{\"resolvedAgentSpec\":{}}")).hasToString("{\"resolvedAgentSpec\":{}}");
        assertThat(sent("{}")).hasToString("{}");
    }

    private static JsonObject sent(String json) {
        return StatusWire.of(JSON.getGson().fromJson(json, SandboxStatus.class));
    }
}
