package io.agenttier.apiserver.codec;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** Certificates and private keys as Kubernetes keeps them: PEM text, several certificates one after the other. */
public final class Pem {
    private static final Pattern CERTIFICATE = block("CERTIFICATE");
    private static final Pattern PRIVATE_KEY = block("PRIVATE KEY");

    private Pem() {}

    /**
     * All certificates in the order written; text between them is passed over.
     *
     * @throws CertificateException if a block is no certificate; never for a text without any, which gives an empty list
     */
    public static List<X509Certificate> certificates(String pem) throws CertificateException {
        var factory = CertificateFactory.getInstance("X.509");
        var found = new ArrayList<X509Certificate>();
        var blocks = CERTIFICATE.matcher(pem);
        while (blocks.find()) {
            byte[] der = decode(blocks.group(1));
            found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
        }
        return found;
    }

    /**
     * A PKCS#8 key ({@code BEGIN PRIVATE KEY}) of type EC or RSA.
     *
     * @throws GeneralSecurityException if there is none or it is of another form
     */
    public static PrivateKey privateKey(String pem) throws GeneralSecurityException {
        var block = PRIVATE_KEY.matcher(pem);
        if (!block.find()) {
            throw new InvalidKeySpecException("expected a PKCS#8 block BEGIN PRIVATE KEY");
        }
        var spec = new PKCS8EncodedKeySpec(decode(block.group(1)));
        try {
            return KeyFactory.getInstance("EC").generatePrivate(spec);
        } catch (InvalidKeySpecException e) {
            return KeyFactory.getInstance("RSA").generatePrivate(spec);
        }
    }

    private static byte[] decode(String base64) {
        return Base64.getMimeDecoder().decode(base64.getBytes(StandardCharsets.US_ASCII));
    }

    private static Pattern block(String type) {
        return Pattern.compile("-----BEGIN " + type + "-----([A-Za-z0-9+/=\\s]+)-----END " + type + "-----");
    }
}
