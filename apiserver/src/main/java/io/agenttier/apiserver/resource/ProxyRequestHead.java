package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.auth.HeaderList;
import io.agenttier.apiserver.route.Call;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The head of a request as a port of the sandbox gets it: nothing of it tells who the caller is, or would let the sandbox act as the caller.
 * Pure.
 */
final class ProxyRequestHead {
    /** Of this hop alone (RFC 9110 §7.6.1), or said anew. */
    private static final Set<String> OURS = Set.of(
            "connection",
            "content-length",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    /** Credentials, and what says who calls from where. */
    private static final Set<String> PRIVATE =
            Set.of("audit-id", "authorization", "cookie", "cookie2", "forwarded", "x-real-ip");

    private static final List<String> PRIVATE_PREFIXES =
            List.of("agenttier-", "impersonate-", "x-forwarded-", "x-remote-");

    private ProxyRequestHead() {}

    /** How the body is delimited that follows. */
    sealed interface Body {
        record None() implements Body {}

        record Length(long bytes) implements Body {}

        record Chunked() implements Body {}
    }

    /**
     * @param upgrade the port is asked for WebSocket
     * @param asks the port is to say whether it wants the body
     */
    static byte[] of(Call call, ProxyTarget target, Body body, boolean upgrade, boolean asks) {
        var lines = new ArrayList<String>();
        lines.add("%s %s HTTP/1.1".formatted(call.method(), target.target()));
        lines.add("Host: localhost:" + target.port());
        passed(call.headers()).forEach((name, values) -> values.forEach(value -> lines.add(name + ": " + value)));
        forwarded(call, target).forEach((name, value) -> lines.add(name + ": " + value));
        if (HeaderList.lowerCase(call.headers(), "te").contains("trailers")) {
            lines.add("TE: trailers");
        }
        switch (body) {
            case Body.None _ -> {}
            case Body.Length length -> lines.add("Content-Length: " + length.bytes());
            case Body.Chunked _ -> lines.add("Transfer-Encoding: chunked");
        }
        if (asks) {
            lines.add("Expect: 100-continue");
        }
        lines.add(upgrade ? "Connection: Upgrade\r\nUpgrade: websocket" : "Connection: close");
        return (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Fields that are the caller's own, by name. */
    static Map<String, List<String>> passed(Map<String, List<String>> headers) {
        var named = HeaderList.lowerCase(headers, "connection");
        var passed = new TreeMap<String, List<String>>();
        headers.forEach((name, values) -> {
            boolean isWithheld = OURS.contains(name)
                    || PRIVATE.contains(name)
                    || PRIVATE_PREFIXES.stream().anyMatch(name::startsWith)
                    || named.contains(name);
            if (!isWithheld) {
                passed.put(name, values);
            }
        });
        return passed;
    }

    private static Map<String, String> forwarded(Call call, ProxyTarget target) {
        var forwarded = new TreeMap<String, String>();
        if (!call.origin().addresses().isEmpty()) {
            forwarded.put("X-Forwarded-For", String.join(", ", call.origin().addresses()));
        }
        if (!call.origin().host().isEmpty()) {
            forwarded.put("X-Forwarded-Host", call.origin().host());
        }
        forwarded.put("X-Forwarded-Prefix", target.prefix());
        forwarded.put("X-Forwarded-Proto", "https");
        return forwarded;
    }
}
