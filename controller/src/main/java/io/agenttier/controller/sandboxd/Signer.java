package io.agenttier.controller.sandboxd;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What the controller proves itself with towards pods, and how it knows them.
 *
 * @param key P-256 private key of {@code certificate}
 * @param certificate sent as {@code x5c} with every token
 * @param authorities certificates that may have signed pod certificates; several while a CA is being replaced
 */
public record Signer(PrivateKey key, X509Certificate certificate, List<X509Certificate> authorities) {
    public Signer {
        authorities = List.copyOf(authorities);
    }

    /** Without the key, which must never reach a log. */
    @Override
    public String toString() {
        return "Signer[" + certificate.getSubjectX500Principal() + "]";
    }
}
