package io.agenttier.apiserver.route;

import java.util.Optional;

/** The target of a request as our audit line shows it. */
final class AuditedTarget {
    private static final String HIDDEN = "REDACTED";

    private AuditedTarget() {}

    /**
     * Path and query as sent, but for the command of an exec: Kubernetes clients put it into the query of their WebSocket, and an audit line
     * holds no argv. kube-apiserver's own line has the query whole.
     */
    static String of(String target, String subresource) {
        int query = target.indexOf('?');
        if (!subresource.equals("exec") || query < 0) {
            return target;
        }
        var shown = new StringBuilder(target.substring(0, query + 1));
        var between = "";
        for (var pair : target.substring(query + 1).split("&", -1)) {
            int equals = pair.indexOf('=');
            boolean isCommand = equals >= 0
                    && PercentCoding.query(pair.substring(0, equals)).equals(Optional.of("command"));
            shown.append(between).append(isCommand ? pair.substring(0, equals + 1) + HIDDEN : pair);
            between = "&";
        }
        return shown.toString();
    }
}
