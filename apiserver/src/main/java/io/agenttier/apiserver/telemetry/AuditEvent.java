package io.agenttier.apiserver.telemetry;

import io.agenttier.apiserver.auth.User;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One {@code audit.k8s.io/v1} Event at level Metadata. Times are RFC 3339 with microseconds.
 *
 * @param requestURI path and query as sent, but for the command of an exec
 * @param annotations keys under {@code agenttier.io/}
 */
record AuditEvent(
        String kind,
        String apiVersion,
        String level,
        String auditID,
        String stage,
        String requestURI,
        String verb,
        Who user,
        List<String> sourceIPs,
        @Nullable String userAgent,
        ObjectRef objectRef,
        @Nullable ResponseStatus responseStatus,
        String requestReceivedTimestamp,
        String stageTimestamp,
        @Nullable Map<String, String> annotations) {

    /** The user as Kubernetes audit lines write it. */
    record Who(
            String username,
            @Nullable String uid,
            List<String> groups,
            @Nullable Map<String, List<String>> extra) {
        static Who of(User user) {
            return new Who(
                    user.name(),
                    user.uid().isEmpty() ? null : user.uid(),
                    user.groups(),
                    user.extra().isEmpty() ? null : user.extra());
        }
    }

    /** What the call is about. */
    record ObjectRef(
            String resource,
            @Nullable String namespace,
            @Nullable String name,
            String apiGroup,
            String apiVersion,
            @Nullable String subresource) {}

    /** The code only: messages may quote what a caller sent. */
    record ResponseStatus(Map<String, String> metadata, int code) {}
}
