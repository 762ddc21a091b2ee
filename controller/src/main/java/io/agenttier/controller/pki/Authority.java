package io.agenttier.controller.pki;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** The certificate authority of one installation. It signs every certificate of the path from apiserver to pod, and nothing else. */
public record Authority(Issued own) {
    /** Life of the CA; pods' certificates end with it. */
    public static final Duration LIFE = Duration.ofDays(3650);

    /** Certificates begin a little in the past, since clocks of nodes differ. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    /** A new self-signed CA. Its name carries a random part, so that an old and a new CA are never confused. */
    public static Authority create(Instant now, SecureRandom random) {
        var pair = KeyPairs.generate(random);
        var name = new X500Principal("CN=agenttier-ca-" + Long.toHexString(random.nextLong() >>> 32));
        var builder = builder(name, name, pair, now, now.plus(LIFE), random);
        try {
            var utils = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(pair.getPublic()));
            return new Authority(new Issued(sign(builder, pair, random), pair.getPrivate()));
        } catch (java.security.NoSuchAlgorithmException | CertIOException e) {
            throw new IllegalStateException("cannot build a CA certificate", e);
        }
    }

    /** A new key and certificate for {@code leaf}, valid from now on; a pod's until this CA ends, any other for {@link Leaf#LIFE}. */
    public Issued issue(Leaf leaf, Instant now, SecureRandom random) {
        var pair = KeyPairs.generate(random);
        var caEnd = certificate().getNotAfter().toInstant();
        var wanted = now.plus(Leaf.LIFE);
        var end = leaf instanceof Leaf.Pod || wanted.isAfter(caEnd) ? caEnd : wanted;
        var subject = new X500Principal("CN=" + leaf.commonName());
        var builder = builder(certificate().getSubjectX500Principal(), subject, pair, now, end, random);
        try {
            var utils = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose(leaf)));
            builder.addExtension(Extension.subjectAlternativeName, false, name(leaf));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, utils.createAuthorityKeyIdentifier(certificate()));
            var signer = new KeyPair(certificate().getPublicKey(), own.key());
            return new Issued(sign(builder, signer, random), pair.getPrivate());
        } catch (java.security.NoSuchAlgorithmException
                | java.security.cert.CertificateEncodingException
                | CertIOException e) {
            throw new IllegalStateException("cannot build the certificate of " + leaf, e);
        }
    }

    public X509Certificate certificate() {
        return own.certificate();
    }

    private static KeyPurposeId purpose(Leaf leaf) {
        return leaf instanceof Leaf.Signer ? KeyPurposeId.id_kp_clientAuth : KeyPurposeId.id_kp_serverAuth;
    }

    private static ASN1Encodable name(Leaf leaf) {
        return new GeneralNames(
                switch (leaf) {
                    case Leaf.Serving s -> new GeneralName(GeneralName.dNSName, s.dnsName());
                    case Leaf.Signer s -> new GeneralName(GeneralName.uniformResourceIdentifier, s.uri());
                    case Leaf.Pod p -> new GeneralName(GeneralName.dNSName, p.dnsName());
                });
    }

    private static X509v3CertificateBuilder builder(
            X500Principal issuer, X500Principal subject, KeyPair pair, Instant now, Instant end, SecureRandom random) {
        var begin = now.minus(CLOCK_SKEW).truncatedTo(ChronoUnit.SECONDS);
        var serial = new BigInteger(127, random).add(BigInteger.ONE);
        return new JcaX509v3CertificateBuilder(
                issuer,
                serial,
                Date.from(begin),
                Date.from(end.truncatedTo(ChronoUnit.SECONDS)),
                subject,
                pair.getPublic());
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair signer, SecureRandom random) {
        try {
            var content = new JcaContentSignerBuilder("SHA256withECDSA")
                    .setSecureRandom(random)
                    .build(signer.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(content));
        } catch (OperatorCreationException | CertificateException e) {
            throw new IllegalStateException("cannot sign a certificate with an EC P-256 key", e);
        }
    }
}
