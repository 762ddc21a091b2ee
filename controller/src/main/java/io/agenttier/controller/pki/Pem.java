package io.agenttier.controller.pki;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** PEM text of certificates ({@code CERTIFICATE}) and private keys ({@code PRIVATE KEY}, PKCS#8). */
public final class Pem {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {}

    public static String of(X509Certificate certificate) {
        try {
            return block("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateException e) {
            throw new IllegalStateException("a certificate that was just parsed or built cannot be encoded", e);
        }
    }

    public static String of(PrivateKey key) {
        return block("PRIVATE KEY", key.getEncoded());
    }

    /**
     * The certificates of a PEM text, in its order.
     *
     * @throws GeneralSecurityException if the text holds anything that is no certificate
     */
    public static List<X509Certificate> certificates(String text) throws GeneralSecurityException {
        var in = new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
        return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    /**
     * An EC private key from PKCS#8 PEM.
     *
     * @throws GeneralSecurityException if the text is not one {@code PRIVATE KEY} block with an EC key
     */
    public static PrivateKey privateKey(String text) throws GeneralSecurityException {
        var begin = "-----BEGIN PRIVATE KEY-----";
        var end = "-----END PRIVATE KEY-----";
        var from = text.indexOf(begin);
        var to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw new GeneralSecurityException("no PRIVATE KEY block (PKCS#8 PEM) found");
        }
        try {
            var der = Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("the PRIVATE KEY block is not base64", e);
        }
    }

    /**
     * The keys of a PEM text, in its order.
     *
     * @throws GeneralSecurityException as {@link #privateKey} for each
     */
    public static List<PrivateKey> privateKeys(String text) throws GeneralSecurityException {
        var keys = new ArrayList<PrivateKey>();
        var end = "-----END PRIVATE KEY-----";
        for (int from = 0; !text.substring(from).isBlank(); ) {
            var to = text.indexOf(end, from);
            var until = to < 0 ? text.length() : to + end.length();
            keys.add(privateKey(text.substring(from, until)));
            from = until;
        }
        return keys;
    }

    private static String block(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + LINES.encodeToString(der) + "\n-----END " + label + "-----\n";
    }
}
