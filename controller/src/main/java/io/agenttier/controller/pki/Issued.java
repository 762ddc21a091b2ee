package io.agenttier.controller.pki;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/** A certificate and its private key. */
public record Issued(X509Certificate certificate, PrivateKey key) {
    public String certificatePem() {
        return Pem.of(certificate);
    }

    /** PKCS#8 PEM. Secret: goes into a Secret and nowhere else. */
    public String keyPem() {
        return Pem.of(key);
    }

    /** Without the key, which must never reach a log. */
    @Override
    public String toString() {
        return "Issued[" + certificate.getSubjectX500Principal() + "]";
    }
}
