package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Origin;
import io.agenttier.apiserver.telemetry.RequestSpan;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Calls of alice for sandbox {@code web} in namespace {@code team1}. */
record Calls(
        String method,
        String subresource,
        String rest,
        String rawQuery,
        Map<String, List<String>> query,
        Map<String, List<String>> headers) {
    static Calls of(String method, String subresource) {
        return new Calls(method, subresource, "", "", Map.of(), Map.of());
    }

    /** As they came. */
    Calls target(String newRest, String newRawQuery) {
        return new Calls(method, subresource, newRest, newRawQuery, query, headers);
    }

    static Calls post(String subresource) {
        return of("POST", subresource);
    }

    static Calls get(String subresource) {
        return of("GET", subresource);
    }

    static Calls put(String subresource) {
        return of("PUT", subresource);
    }

    static Calls delete(String subresource) {
        return of("DELETE", subresource);
    }

    Calls query(String key, String value) {
        var more = new HashMap<>(query);
        more.put(key, List.of(value));
        return new Calls(method, subresource, rest, rawQuery, more, headers);
    }

    /** @param name in lower case */
    Calls header(String name, String value) {
        var more = new HashMap<>(headers);
        more.put(name, List.of(value));
        return new Calls(method, subresource, rest, rawQuery, query, more);
    }

    /** Several values of one key. */
    Calls query(String key, List<String> values) {
        var more = new HashMap<>(query);
        more.put(key, values);
        return new Calls(method, subresource, rest, rawQuery, more, headers);
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
        return call("web", Instant.EPOCH, RequestSpan.NONE);
    }

    Call call(String name, Instant received, RequestSpan span) {
        return new Call(
                method,
                "team1",
                name,
                subresource,
                rest,
                rawQuery,
                query,
                headers,
                new Origin(List.of("192.0.2.7"), "api.example:6443"),
                new User("alice", "", List.of("system:authenticated"), Map.of()),
                "audit-1",
                received,
                span);
    }
}
