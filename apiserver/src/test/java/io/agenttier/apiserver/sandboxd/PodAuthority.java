package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** The CA of an installation, as the controller makes it: pod certificates and signers. */
public final class PodAuthority {
    private static final X500Name NAME = new X500Name("CN=agenttier-ca");

    private final KeyPair keys = ec();
    private final X509Certificate certificate = issue(NAME, keys, new BasicConstraints(true), null, null);

    public record Leaf(KeyPair keys, X509Certificate certificate) {
        public String keyPem() {
            return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
        }

        public String certificatePem() {
            return PodAuthority.pem(certificate);
        }
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public Leaf pod(String incarnation) {
        var leaf = ec();
        var name = new GeneralName(GeneralName.dNSName, incarnation + ".sandbox.agenttier.io");
        return new Leaf(
                leaf, issue(new X500Name("CN=" + incarnation), leaf, null, KeyPurposeId.id_kp_serverAuth, name));
    }

    public Signer signer() {
        var leaf = ec();
        var name = new GeneralName(GeneralName.uniformResourceIdentifier, "agenttier://signer/apiserver");
        var signed = issue(new X500Name("CN=signer"), leaf, null, KeyPurposeId.id_kp_clientAuth, name);
        return new Signer(leaf.getPrivate(), signed, List.of(certificate));
    }

    /** Server side TLS of a pod. */
    public SSLContext serving(Leaf leaf) {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("pod", leaf.keys().getPrivate(), new char[0], new Certificate[] {leaf.certificate()});
            var managers = KeyManagerFactory.getInstance("PKIX");
            managers.init(store, new char[0]);
            var context = SSLContext.getInstance("TLSv1.3");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String pem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
                .formatted(type, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), type);
    }

    private static KeyPair ec() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("JavaUtilDate")
    private X509Certificate issue(
            X500Name subject,
            KeyPair leaf,
            @org.jspecify.annotations.Nullable BasicConstraints authority,
            @org.jspecify.annotations.Nullable KeyPurposeId use,
            @org.jspecify.annotations.Nullable GeneralName name) {
        var now = Instant.now();
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    NAME,
                    new BigInteger(96, new SecureRandom()),
                    Date.from(now.minus(Duration.ofMinutes(5))),
                    Date.from(now.plus(Duration.ofHours(1))),
                    subject,
                    leaf.getPublic());
            if (authority != null) {
                builder.addExtension(Extension.basicConstraints, true, authority);
            }
            if (use != null) {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(use));
            }
            if (name != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(name));
            }
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }
}
