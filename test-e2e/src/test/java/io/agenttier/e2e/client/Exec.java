package io.agenttier.e2e.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** POST {@code exec} in its forms. */
public final class Exec {
    private Exec() {}

    /** Runs argv to its end and gives the JSON answer; fails the test on anything but 200. */
    public static JsonNode json(TestNamespace namespace, String sandbox, String... argv) {
        return json(namespace, sandbox, Map.of("command", List.of(argv)));
    }

    public static JsonNode json(TestNamespace namespace, String sandbox, Map<String, ?> body) {
        var reply = namespace.api().post(namespace.path(sandbox, "exec"), body);
        if (reply.code() != 200) throw new AssertionError("exec answered " + reply);
        return reply.json();
    }

    public static SseStream sse(KubeApi api, TestNamespace namespace, String sandbox, Map<String, ?> body)
            throws IOException {
        var response = api.with("Accept", "text/event-stream")
                .open("POST", namespace.path(sandbox, "exec"), KubeApi.bytes(body), "application/json");
        if (response.code() != 200) {
            try (response) {
                throw new AssertionError("exec answered " + response.code() + " "
                        + response.body().string());
            }
        }
        return new SseStream(response);
    }
}
