package io.agenttier.apiserver.auth;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says why a client certificate identifies nobody: to the caller, in a metric, and in the log once a minute a reason, since anyone may come
 * with any certificate. An expired front-proxy certificate shows here first.
 */
final class RefusedCertificates {
    private static final Logger LOG = LoggerFactory.getLogger(RefusedCertificates.class);
    private static final Duration QUIET = Duration.ofMinutes(1);
    private static final int LONGEST_NAME = 200;

    private final Consumer<String> counter;
    private final InstantSource clock;
    private final Map<String, Instant> logged = new ConcurrentHashMap<>();

    /** @param reason label of the metric, one of four */
    private record Complaint(String reason, String message) {}

    RefusedCertificates(Consumer<String> counter, InstantSource clock) {
        this.counter = counter;
        this.clock = clock;
    }

    /** @param isProxys whether it is of a front proxy's CA, so that its name or the lack of a user is what is wrong */
    ApiException refuse(X509Certificate leaf, boolean isProxys) {
        var now = clock.instant();
        var complaint = complaint(leaf, isProxys, now);
        counter.accept(complaint.reason);
        var last = logged.get(complaint.reason);
        if (last == null || !now.isBefore(last.plus(QUIET))) {
            logged.put(complaint.reason, now);
            LOG.atWarn()
                    .addKeyValue("reason", complaint.reason)
                    .addKeyValue("cause", complaint.message)
                    .log("a client certificate was refused");
        }
        return new ApiException(new ApiError.Unauthorized(complaint.message));
    }

    private static Complaint complaint(X509Certificate leaf, boolean isProxys, Instant now) {
        var name = shown(leaf.getSubjectX500Principal().getName());
        var begin = leaf.getNotBefore().toInstant();
        var end = leaf.getNotAfter().toInstant();
        if (now.isBefore(begin)) {
            return new Complaint(
                    "not_yet_valid",
                    "client certificate \"%s\" begins at %s, here it is %s: compare the clocks"
                            .formatted(name, begin, now));
        }
        if (now.isAfter(end)) {
            return new Complaint(
                    "expired",
                    "client certificate \"%s\" ended at %s, here it is %s: renew it, or compare the clocks"
                            .formatted(name, end, now));
        }
        if (isProxys) {
            return new Complaint(
                    "not_a_front_proxy",
                    "client certificate \"%s\" is of the front proxy's CA, but its name is not in requestheader-allowed-names, or the request names no user"
                            .formatted(name));
        }
        return new Complaint(
                "unknown_authority",
                "client certificate \"%s\", issued by \"%s\", is not for client authentication or of no CA in kube-system/extension-apiserver-authentication"
                        .formatted(name, shown(leaf.getIssuerX500Principal().getName())));
    }

    private static String shown(String name) {
        var text = name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…";
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
