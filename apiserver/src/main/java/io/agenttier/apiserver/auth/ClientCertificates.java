package io.agenttier.apiserver.auth;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.naming.NamingException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** Client certificates: does a chain lead to a CA, and whom does its leaf name. The TLS layer has only shown that the peer has the key. */
final class ClientCertificates {
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    private ClientCertificates() {}

    /**
     * Whether the leaf may identify a client by one of these CAs: a path by PKIX, all of it with the CA within its time, and use for client
     * authentication not ruled out (as kube-apiserver judges it, a leaf that names no extended use may be used for any).
     *
     * @param chain leaf first, intermediates in any order
     */
    static boolean verify(List<X509Certificate> chain, List<X509Certificate> authorities, Instant now) {
        if (chain.isEmpty() || authorities.isEmpty()) {
            return false;
        }
        try {
            var leaf = new X509CertSelector();
            leaf.setCertificate(chain.getFirst());
            leaf.setExtendedKeyUsage(Set.of(CLIENT_AUTH));
            // PKIX itself asks nothing of an anchor
            var anchors = authorities.stream()
                    .filter(authority -> isWithinItsTime(authority, now))
                    .map(authority -> new TrustAnchor(authority, null))
                    .collect(Collectors.toSet());
            var parameters = new PKIXBuilderParameters(anchors, leaf);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathBuilder.getInstance("PKIX").build(parameters);
            return true;
        } catch (GeneralSecurityException | IOException e) {
            return false;
        }
    }

    private static boolean isWithinItsTime(X509Certificate certificate, Instant now) {
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant());
    }

    /** Common name of the subject, empty if there is none. */
    static String commonName(X509Certificate certificate) {
        var names = attributes(certificate, "CN");
        return names.isEmpty() ? "" : names.getLast();
    }

    /** Every organization of the subject. */
    static List<String> organizations(X509Certificate certificate) {
        return attributes(certificate, "O");
    }

    /** Values in the order of the encoding; {@code LdapName} counts from the right end of the text, which is that order. */
    private static List<String> attributes(X509Certificate certificate, String type) {
        var values = new ArrayList<String>();
        try {
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                var attribute = part.toAttributes().get(type);
                if (attribute == null) {
                    continue;
                }
                for (var all = attribute.getAll(); all.hasMore(); ) {
                    if (all.next() instanceof String value) {
                        values.add(value);
                    }
                }
            }
        } catch (NamingException e) {
            return List.of();
        }
        return values;
    }
}
