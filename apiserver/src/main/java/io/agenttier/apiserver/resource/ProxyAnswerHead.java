package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.sandboxd.HeaderLine;
import io.agenttier.apiserver.sandboxd.PortHead;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The head of what a port of the sandbox answers as the caller gets it. The sandbox is not to be trusted, and what it says comes under the
 * name of the cluster's API: it sets nothing for that host, and runs nothing in a browser that shows it. Pure.
 */
final class ProxyAnswerHead {
    /** Of this hop alone (RFC 9110 §7.6.1), or said anew. */
    private static final Set<String> OURS = Set.of(
            "connection",
            "content-length",
            "content-security-policy",
            "keep-alive",
            "proxy-authenticate",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "x-content-type-options");

    /** What a host says of itself and not of one answer, and what only this API says. */
    private static final Set<String> OF_THE_HOST = Set.of(
            "alt-svc",
            "audit-id",
            "clear-site-data",
            "public-key-pins",
            "public-key-pins-report-only",
            "service-worker-allowed",
            "set-cookie",
            "set-cookie2",
            "strict-transport-security");

    /** RFC 9110 §6.5.1, as far as somebody on the way could act on it. */
    private static final Set<String> NO_TRAILERS = Set.of(
            "authorization",
            "content-encoding",
            "content-range",
            "content-type",
            "host",
            "location",
            "www-authenticate");

    private ProxyAnswerHead() {}

    /** Fields of any answer that is no switch to another protocol. */
    static Map<String, String> of(PortHead head, PortHead.Framing framing) {
        var fields = passed(head);
        var announced = trailerNames(head);
        if (!announced.isEmpty() && framing instanceof PortHead.Framing.Chunked) {
            fields.put("Trailer", String.join(", ", announced));
        }
        if (framing instanceof PortHead.Framing.Length length) {
            fields.put("Content-Length", Long.toString(length.bytes()));
        } else if (framing instanceof PortHead.Framing.None && head.status() != 204) {
            // of HEAD and 304: what a GET would have
            head.values("content-length").forEach(length -> fields.put("Content-Length", length));
        }
        fields.put("Content-Security-Policy", "sandbox");
        fields.put("X-Content-Type-Options", "nosniff");
        return fields;
    }

    /** Fields of 101. */
    static Map<String, String> ofSwitch(PortHead head) {
        var fields = passed(head);
        fields.put("Connection", "Upgrade");
        fields.put("Upgrade", "websocket");
        return fields;
    }

    /** Whether an answer 101 switches to WebSocket and to nothing else. */
    static boolean isWebSocket(PortHead head) {
        return head.values("upgrade").stream()
                .map(value -> value.toLowerCase(Locale.ROOT))
                .toList()
                .equals(List.of("websocket"));
    }

    /** Trailers that say nothing of how the answer was to be read. */
    static Map<String, String> trailers(List<HeaderLine> lines) {
        return joined(lines.stream()
                .filter(line -> isTrailer(line.name().toLowerCase(Locale.ROOT)))
                .toList());
    }

    private static List<String> trailerNames(PortHead head) {
        var names = new ArrayList<String>();
        for (var line : head.values("trailer")) {
            for (var name : line.split(",", -1)) {
                var token = name.strip();
                if (token.matches("[A-Za-z0-9-]+") && isTrailer(token.toLowerCase(Locale.ROOT))) {
                    names.add(token);
                }
            }
        }
        return names;
    }

    private static boolean isTrailer(String name) {
        return isPassed(name, Set.of()) && !NO_TRAILERS.contains(name);
    }

    private static Map<String, String> passed(PortHead head) {
        var named = head.values("connection").stream()
                .flatMap(line -> List.of(line.split(",", -1)).stream())
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        return joined(head.lines().stream()
                .filter(line -> isPassed(line.name().toLowerCase(Locale.ROOT), named))
                .toList());
    }

    private static boolean isPassed(String name, Set<String> named) {
        return !OURS.contains(name)
                && !OF_THE_HOST.contains(name)
                && !name.startsWith("agenttier-")
                && !named.contains(name);
    }

    /** Several lines of one name as one, which means the same for every field that is passed (RFC 9110 §5.3). */
    private static Map<String, String> joined(List<HeaderLine> lines) {
        var names = new LinkedHashMap<String, String>();
        var values = new LinkedHashMap<String, String>();
        for (var line : lines) {
            var name = names.computeIfAbsent(line.name().toLowerCase(Locale.ROOT), _ -> line.name());
            values.merge(name, line.value(), (before, more) -> before + ", " + more);
        }
        return values;
    }
}
