package io.agenttier.controller.pki;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x509.GeneralName;

/** Content of a Secret with one leaf: {@code tls.crt}, {@code tls.key} (PKCS#8) and {@code ca.crt} (all CAs to trust). */
public final class LeafSecret {
    private static final String CERTIFICATE = "tls.crt";
    private static final String KEY = "tls.key";
    private static final String TRUST = "ca.crt";

    private LeafSecret() {}

    /** Fresh content. */
    public static Map<String, String> create(Leaf leaf, AuthoritySecret ca, Instant now, SecureRandom random) {
        return data(ca.issue(leaf, now, random), ca);
    }

    /**
     * What to store instead of {@code stored}: a new leaf if the stored one is unreadable, due, not of the CA that signs it now or of another name; the
     * same leaf with the present trust bundle if only that changed; nothing if all is well.
     */
    public static Optional<Map<String, String>> renewed(
            Map<String, String> stored, Leaf leaf, AuthoritySecret ca, Instant now, SecureRandom random) {
        try {
            var certificate = certificate(stored);
            Pem.privateKey(stored.getOrDefault(KEY, ""));
            certificate.verify(ca.signing(leaf, now).certificate().getPublicKey());
            if (Renewal.isDue(certificate, now) || !names(certificate).equals(List.of(nameOf(leaf)))) {
                return Optional.of(create(leaf, ca, now, random));
            }
        } catch (GeneralSecurityException e) {
            return Optional.of(create(leaf, ca, now, random));
        }
        if (ca.trustBundle().equals(stored.get(TRUST))) {
            return Optional.empty();
        }
        var refreshed = new LinkedHashMap<String, String>();
        refreshed.put(CERTIFICATE, stored.getOrDefault(CERTIFICATE, ""));
        refreshed.put(KEY, stored.getOrDefault(KEY, ""));
        refreshed.put(TRUST, ca.trustBundle());
        return Optional.of(refreshed);
    }

    /**
     * The leaf of {@code data}.
     *
     * @throws GeneralSecurityException if it is missing or unreadable
     */
    public static X509Certificate certificate(Map<String, String> data) throws GeneralSecurityException {
        var certificates = Pem.certificates(data.getOrDefault(CERTIFICATE, ""));
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException("key tls.crt holds no certificate");
        }
        return certificates.getFirst();
    }

    /**
     * The leaf of {@code data} with its key.
     *
     * @throws GeneralSecurityException if either is missing or unreadable
     */
    public static Issued parse(Map<String, String> data) throws GeneralSecurityException {
        return new Issued(certificate(data), Pem.privateKey(data.getOrDefault(KEY, "")));
    }

    /**
     * All CAs that {@code data} says to trust.
     *
     * @throws GeneralSecurityException if the text is unreadable
     */
    public static List<X509Certificate> trusted(Map<String, String> data) throws GeneralSecurityException {
        return Pem.certificates(data.getOrDefault(TRUST, ""));
    }

    private static Map<String, String> data(Issued issued, AuthoritySecret ca) {
        var data = new LinkedHashMap<String, String>();
        data.put(CERTIFICATE, issued.certificatePem());
        data.put(KEY, issued.keyPem());
        data.put(TRUST, ca.trustBundle());
        return data;
    }

    private static List<Object> names(X509Certificate certificate) throws GeneralSecurityException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        return names == null
                ? List.of()
                : names.stream().<Object>map(List::copyOf).toList();
    }

    private static List<Object> nameOf(Leaf leaf) {
        return switch (leaf) {
            case Leaf.Serving s -> List.of(GeneralName.dNSName, s.dnsName());
            case Leaf.Signer s -> List.of(GeneralName.uniformResourceIdentifier, s.uri());
            case Leaf.Pod p -> List.of(GeneralName.dNSName, p.dnsName());
        };
    }
}
