package io.agenttier.apiserver.route;

import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.telemetry.RequestSpan;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One authenticated and authorized request for {@code sandboxes/NAME/SUBRESOURCE}.
 *
 * @param method upper case
 * @param subresource for example {@code exec}
 * @param rest path after the subresource as it came, with its slash, not part of RBAC; empty unless {@link Subresource#ownsPath}
 * @param rawQuery query as it came, without its question mark
 * @param query decoded parameters, values in the order sent; empty if the subresource owns them
 * @param headers names in lower case; identity headers are gone
 * @param origin where it came from
 * @param span of the request that it is
 */
public record Call(
        String method,
        String namespace,
        String name,
        String subresource,
        String rest,
        String rawQuery,
        Map<String, List<String>> query,
        Map<String, List<String>> headers,
        Origin origin,
        User user,
        String auditId,
        Instant received,
        RequestSpan span) {
    public Call {
        query = Map.copyOf(query);
        headers = Map.copyOf(headers);
    }

    /** First value of a query parameter. */
    public Optional<String> parameter(String key) {
        return query.getOrDefault(key, List.of()).stream().findFirst();
    }

    /** First value of a header, {@code name} in lower case. */
    public Optional<String> header(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }
}
