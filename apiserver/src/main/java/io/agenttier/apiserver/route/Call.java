package io.agenttier.apiserver.route;

import io.agenttier.apiserver.auth.User;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One authenticated and authorized request for {@code sandboxes/NAME/SUBRESOURCE}.
 *
 * @param method upper case
 * @param subresource for example {@code exec}
 * @param rest segments after the subresource, not part of RBAC
 * @param query decoded parameters, values in the order sent
 * @param headers names in lower case; identity headers are gone
 */
public record Call(
        String method,
        String namespace,
        String name,
        String subresource,
        List<String> rest,
        Map<String, List<String>> query,
        Map<String, List<String>> headers,
        User user,
        String auditId,
        Instant received) {
    public Call {
        rest = List.copyOf(rest);
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
