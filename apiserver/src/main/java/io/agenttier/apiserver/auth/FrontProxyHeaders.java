package io.agenttier.apiserver.auth;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The user that a front proxy names in headers. Pure; the caller has verified the proxy's certificate. */
final class FrontProxyHeaders {
    private FrontProxyHeaders() {}

    /** Empty if no username header has a value. */
    static Optional<User> user(IdentityTrust trust, Map<String, List<String>> headers) {
        var name = first(trust.usernameHeaders(), headers);
        if (name.isEmpty()) {
            return Optional.empty();
        }
        var groups = new ArrayList<String>();
        trust.groupHeaders().forEach(header -> groups.addAll(headers.getOrDefault(header, List.of())));
        return Optional.of(new User(name, first(trust.uidHeaders(), headers), groups, extra(trust, headers)));
    }

    private static Map<String, List<String>> extra(IdentityTrust trust, Map<String, List<String>> headers) {
        var extra = new TreeMap<String, List<String>>();
        for (var prefix : trust.extraPrefixes()) {
            headers.forEach((header, values) -> {
                if (header.startsWith(prefix)) {
                    extra.computeIfAbsent(decoded(header.substring(prefix.length())), _ -> new ArrayList<>())
                            .addAll(values);
                }
            });
        }
        return extra;
    }

    private static String first(List<String> names, Map<String, List<String>> headers) {
        for (var name : names) {
            for (var value : headers.getOrDefault(name, List.of())) {
                if (!value.isEmpty()) {
                    return value;
                }
            }
        }
        return "";
    }

    /** The key percent-decoded, or as it is if that is not possible; a plus stays a plus. */
    private static String decoded(String key) {
        try {
            return URLDecoder.decode(key.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return key;
        }
    }
}
