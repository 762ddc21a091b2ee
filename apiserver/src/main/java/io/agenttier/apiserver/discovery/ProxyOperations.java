package io.agenttier.apiserver.discovery;

import io.agenttier.apiserver.discovery.Operation.Reply;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Descriptions of {@code proxy}, in the way Kubernetes describes that of pods: what is behind it is not ours to describe. */
final class ProxyOperations {
    private static final Map<String, String> ANYTHING = Map.of("*/*", Operation.BYTES);
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

    static final List<Operation> ALL = Stream.of("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
            .map(ProxyOperations::of)
            .toList();

    private ProxyOperations() {}

    private static Operation of(String method) {
        return new Operation(
                "proxy",
                method,
                "Passes %s on to what listens on a declared port of the sandbox, path and query with it.%s"
                        .formatted(method, method.equals("GET") ? " As WebSocket it needs create as well." : ""),
                List.of(List.of("port"), List.of("port", "path")),
                List.of(),
                WITH_BODY.contains(method) ? ANYTHING : Map.of(),
                Map.of(200, new Reply("What the port answers, whatever its status.", ANYTHING)));
    }
}
