package io.agenttier.apiserver.route;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request as it came from the network, before anything was decided about it.
 *
 * @param method as sent
 * @param target raw request target: path and query, still percent-encoded
 * @param headers names in lower case, values in the order sent
 * @param certificates what the peer of the connection presented, leaf first; not verified
 * @param source address of the peer
 */
public record Incoming(
        String method,
        String target,
        Map<String, List<String>> headers,
        List<X509Certificate> certificates,
        String source,
        Instant received) {
    public Incoming {
        headers = Map.copyOf(headers);
        certificates = List.copyOf(certificates);
    }

    /** First value of a header, {@code name} in lower case. */
    public Optional<String> header(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }

    /** The same request with other headers. */
    public Incoming withHeaders(Map<String, List<String>> others) {
        return new Incoming(method, target, others, certificates, source, received);
    }

    /** The target up to the query. */
    public String rawPath() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** The query without its question mark, empty if there is none. */
    public String rawQuery() {
        int query = target.indexOf('?');
        return query < 0 ? "" : target.substring(query + 1);
    }
}
