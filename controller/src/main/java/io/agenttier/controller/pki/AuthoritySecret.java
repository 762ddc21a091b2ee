package io.agenttier.controller.pki;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Content of Secret {@code agenttier-ca}: the CA in force and, after a change, the one before it, which is trusted as long as it is valid.
 *
 * @param previous the CA before this one, while it is valid
 */
public record AuthoritySecret(Authority authority, List<X509Certificate> previous) {
    public static final String NAME = "agenttier-ca";

    private static final String CERTIFICATE = "ca.crt";
    private static final String KEY = "ca.key";
    private static final String PREVIOUS = "previous-ca.crt";

    public AuthoritySecret {
        previous = List.copyOf(previous);
    }

    public static AuthoritySecret create(Instant now, SecureRandom random) {
        return new AuthoritySecret(Authority.create(now, random), List.of());
    }

    /**
     * @param data the Secret's data as text
     * @throws GeneralSecurityException if a key is missing or unreadable. Nobody replaces a CA by guessing: the caller reports it
     */
    public static AuthoritySecret parse(Map<String, String> data) throws GeneralSecurityException {
        var certificates = Pem.certificates(data.getOrDefault(CERTIFICATE, ""));
        if (certificates.size() != 1) {
            throw new GeneralSecurityException(
                    "key ca.crt holds " + certificates.size() + " certificates, expected exactly 1");
        }
        var key = Pem.privateKey(data.getOrDefault(KEY, ""));
        return new AuthoritySecret(
                new Authority(new Issued(certificates.getFirst(), key)),
                Pem.certificates(data.getOrDefault(PREVIOUS, "")));
    }

    /** What to store instead if something is due now: a new CA that keeps trusting this one, or without predecessors that have ended. */
    public Optional<AuthoritySecret> renewed(Instant now, SecureRandom random) {
        var valid = previous.stream()
                .filter(c -> now.isBefore(c.getNotAfter().toInstant()))
                .toList();
        if (Renewal.isDue(authority.certificate(), now)) {
            var trusted = new java.util.ArrayList<X509Certificate>();
            trusted.add(authority.certificate());
            trusted.addAll(valid);
            return Optional.of(new AuthoritySecret(Authority.create(now, random), trusted));
        }
        return valid.size() == previous.size() ? Optional.empty() : Optional.of(new AuthoritySecret(authority, valid));
    }

    public Map<String, String> data() {
        var data = new LinkedHashMap<String, String>();
        data.put(CERTIFICATE, authority.own().certificatePem());
        data.put(KEY, authority.own().keyPem());
        if (!previous.isEmpty()) {
            data.put(PREVIOUS, bundle(previous));
        }
        return data;
    }

    /** All CAs to trust, the present one first: the {@code ca.crt} of leaves and the APIService's caBundle. PEM. */
    public String trustBundle() {
        return authority.own().certificatePem() + bundle(previous);
    }

    private static String bundle(List<X509Certificate> certificates) {
        return String.join("", certificates.stream().map(Pem::of).toList());
    }
}
