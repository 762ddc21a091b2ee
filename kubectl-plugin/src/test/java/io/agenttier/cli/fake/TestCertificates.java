package io.agenttier.cli.fake;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Keys and certificates of a cluster that lives as long as a test. */
public record TestCertificates(KeyPair key, X509Certificate certificate) {
    /** An authority. */
    public static TestCertificates authority() throws Exception {
        var key = ecKey();
        return new TestCertificates(key, sign("CN=ca", key, "CN=ca", key, null));
    }

    /** @param ip address that the certificate is good for, or null for a client */
    public TestCertificates issue(String name, String ip) throws Exception {
        var leaf = ecKey();
        return new TestCertificates(
                leaf,
                sign("CN=" + name, leaf, certificate.getSubjectX500Principal().getName(), key, ip));
    }

    public static KeyPair ecKey() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    public static String pem(Certificate certificate) throws GeneralSecurityException {
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    /** As PKCS#8. */
    public static String pem(PrivateKey key) {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    public static String pem(String label, byte[] der) {
        var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, base64, label);
    }

    private static X509Certificate sign(String subject, KeyPair of, String issuer, KeyPair by, String ip)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        var now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                new X500Principal(issuer),
                BigInteger.valueOf(System.nanoTime()),
                Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(Duration.ofHours(1))),
                new X500Principal(subject),
                of.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(subject.equals(issuer)));
        if (ip != null) {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.iPAddress, ip)));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate())));
    }
}
