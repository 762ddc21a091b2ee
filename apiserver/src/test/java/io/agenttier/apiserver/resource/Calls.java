package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.route.Call;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Calls of alice for sandbox {@code web} in namespace {@code team1}. */
record Calls(String method, String subresource, Map<String, List<String>> query, Map<String, List<String>> headers) {
    static Calls post(String subresource) {
        return new Calls("POST", subresource, Map.of(), Map.of());
    }

    static Calls get(String subresource) {
        return new Calls("GET", subresource, Map.of(), Map.of());
    }

    static Calls put(String subresource) {
        return new Calls("PUT", subresource, Map.of(), Map.of());
    }

    static Calls delete(String subresource) {
        return new Calls("DELETE", subresource, Map.of(), Map.of());
    }

    Calls query(String key, String value) {
        var more = new HashMap<>(query);
        more.put(key, List.of(value));
        return new Calls(method, subresource, more, headers);
    }

    /** @param name in lower case */
    Calls header(String name, String value) {
        var more = new HashMap<>(headers);
        more.put(name, List.of(value));
        return new Calls(method, subresource, query, more);
    }

    /** Several values of one key. */
    Calls query(String key, List<String> values) {
        var more = new HashMap<>(query);
        more.put(key, values);
        return new Calls(method, subresource, more, headers);
    }

    /** Asks for WebSocket with these sub-protocols. */
    Calls upgrade(String protocols) {
        return header("connection", "Upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-version", "13")
                .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
                .header("sec-websocket-protocol", protocols);
    }

    Calls events() {
        return header("accept", "text/event-stream");
    }

    Call call() {
        return new Call(
                method,
                "team1",
                "web",
                subresource,
                List.of(),
                query,
                headers,
                new User("alice", "", List.of("system:authenticated"), Map.of()),
                "audit-1",
                Instant.EPOCH);
    }
}
