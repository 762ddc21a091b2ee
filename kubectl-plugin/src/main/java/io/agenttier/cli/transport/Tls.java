package io.agenttier.cli.transport;

import io.agenttier.cli.transport.Identity.ClientCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** From what the user configured to sockets that verify exactly that. */
final class Tls {
    private Tls() {}

    /** @throws IOException if the certificates or the key are of no use; the message names them */
    static SSLSocketFactory factory(Trust trust, @Nullable ClientCertificate certificate) throws IOException {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(certificate == null ? null : keys(certificate), trusted(trust), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /** By instanceof: a switch over types makes classes at run time, which no AOT cache holds. */
    private static TrustManager @Nullable [] trusted(Trust trust) throws IOException, GeneralSecurityException {
        if (trust instanceof Trust.Anyone) {
            return new TrustManager[] {new AnyServer()};
        }
        if (!(trust instanceof Trust.Authorities authorities)) {
            return null;
        }
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int index = 0;
        for (var authority : certificates(authorities.pem(), authorities.origin())) {
            store.setCertificateEntry("ca" + index++, authority);
        }
        var factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] keys(ClientCertificate certificate) throws IOException {
        var chain = certificates(certificate.certificatePem(), "client certificate of " + certificate.origin());
        try {
            return new KeyManager[] {new OwnCertificate(chain, PrivateKeys.parse(certificate.keyPem()))};
        } catch (GeneralSecurityException e) {
            throw new IOException("client key of %s: %s".formatted(certificate.origin(), e.getMessage()), e);
        }
    }

    private static X509Certificate[] certificates(String pem, String origin) throws IOException {
        try {
            var all = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.ISO_8859_1)))
                    .toArray(X509Certificate[]::new);
            if (all.length > 0) {
                return all;
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("%s: no certificate in PEM: %s".formatted(origin, e.getMessage()), e);
        }
        throw new IOException("%s: expected a certificate in PEM, found none".formatted(origin));
    }
}
