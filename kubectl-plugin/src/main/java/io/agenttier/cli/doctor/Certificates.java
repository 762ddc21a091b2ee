package io.agenttier.cli.doctor;

import io.agenttier.cli.json.Json;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The certificates that kube-apiserver trusts AgentTier by, and how long they last. Keys are never read. */
public final class Certificates {
    /** The controller renews long before; one of which less than this part of its life is left tells that it does not. */
    private static final int LATE_PART = 10;

    private static final String CONTROLLER =
            "see why the controller does not write it: kubectl logs -n agenttier deployment/agenttier-controller";

    private Certificates() {}

    /**
     * @param check name of the finding
     * @param bundle {@code caBundle}, base64 of PEM
     */
    static Finding bundle(String check, String bundle, Instant now) {
        if (bundle.isEmpty()) {
            return Finding.fail(check, "no caBundle: kube-apiserver trusts nobody there", CONTROLLER);
        }
        var read = read(bundle);
        if (read.isEmpty()) {
            return Finding.fail(check, "the caBundle holds no certificate that can be read", CONTROLLER);
        }
        var newest = read.get().stream()
                .max(Comparator.comparing(X509Certificate::getNotAfter))
                .orElseThrow();
        var end = newest.getNotAfter().toInstant();
        var until = end.truncatedTo(ChronoUnit.SECONDS);
        if (!now.isBefore(end)) {
            return Finding.fail(check, "the CA expired at " + until, CONTROLLER);
        }
        var late = Duration.between(newest.getNotBefore().toInstant(), end).dividedBy(LATE_PART);
        return now.plus(late).isBefore(end)
                ? Finding.ok(check, "the CA is valid until " + until)
                : Finding.warn(check, "the CA is valid until %s and was not renewed".formatted(until), CONTROLLER);
    }

    /** @param service the APIService */
    public static Finding ofApiService(Answer service, Instant now) {
        var check = "certificates";
        return service instanceof Answer.Found found
                ? bundle(check, found.document().at("spec", "caBundle").textOrEmpty(), now)
                : service.otherwise(
                        check, Finding.fail(check, "there is no APIService", "install AgentTier with its Helm chart"));
    }

    /**
     * @param name of the configuration
     * @param configuration of a mutating or a validating webhook
     */
    public static Finding ofWebhook(String name, Answer configuration, Instant now) {
        var check = "webhook";
        if (!(configuration instanceof Answer.Found found)) {
            return configuration.otherwise(
                    check,
                    Finding.fail(
                            check,
                            name + " is missing: nobody's rights on what a sandbox names are checked",
                            "upgrade or install with the Helm chart"));
        }
        var hooks = found.document().at("webhooks").items();
        if (hooks.isEmpty()) {
            return Finding.fail(check, name + " has no webhooks", "upgrade or install with the Helm chart");
        }
        var worst = hooks.stream()
                .map(hook -> bundle(check, caBundle(hook), now))
                .max(Comparator.comparing(Finding::level))
                .orElseThrow();
        return new Finding(check, worst.level(), name + ": " + worst.message(), worst.next());
    }

    private static String caBundle(Json hook) {
        return hook.at("clientConfig", "caBundle").textOrEmpty();
    }

    private static Optional<List<X509Certificate>> read(String bundle) {
        try {
            var pem = new ByteArrayInputStream(Base64.getDecoder().decode(bundle));
            var certificates = CertificateFactory.getInstance("X.509").generateCertificates(pem).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            return certificates.isEmpty() ? Optional.empty() : Optional.of(certificates);
        } catch (CertificateException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
