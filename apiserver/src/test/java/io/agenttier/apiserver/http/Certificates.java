package io.agenttier.apiserver.http;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A certificate authority for tests. */
public final class Certificates {
    private final KeyPair keys = ec();
    private final X500Name name;
    private final X509Certificate authority;

    /** A key with its chain, leaf first. */
    public record Pair(PrivateKey key, List<X509Certificate> chain) {}

    public Certificates(String commonName) {
        this(commonName, Duration.ofDays(1));
    }

    /** @param life from now on, negative for a CA that has ended */
    public Certificates(String commonName, Duration life) {
        this.name = new X500Name("CN=" + commonName);
        this.authority = issue(
                name,
                keys,
                true,
                null,
                null,
                Instant.now().minus(Duration.ofHours(1)),
                Instant.now().plus(life));
    }

    public X509Certificate authority() {
        return authority;
    }

    /** @param subject for example {@code O=team,CN=alice} */
    public Pair client(String subject) {
        return leaf(subject, KeyPurposeId.id_kp_clientAuth, null, Duration.ofHours(1));
    }

    public Pair expiredClient(String subject) {
        return leaf(subject, KeyPurposeId.id_kp_clientAuth, null, Duration.ofMinutes(-1));
    }

    /** Begins in an hour, as one that was made by a clock that runs ahead. */
    public Pair futureClient(String subject) {
        var leafKeys = ec();
        var begin = Instant.now().plus(Duration.ofHours(1));
        var certificate = issue(
                new X500Name(subject),
                leafKeys,
                false,
                KeyPurposeId.id_kp_clientAuth,
                null,
                begin,
                begin.plus(Duration.ofHours(1)));
        return new Pair(leafKeys.getPrivate(), List.of(certificate));
    }

    public Pair server(String dnsName) {
        return leaf("CN=" + dnsName, KeyPurposeId.id_kp_serverAuth, dnsName, Duration.ofHours(1));
    }

    public Pair expiredServer(String dnsName) {
        return leaf("CN=" + dnsName, KeyPurposeId.id_kp_serverAuth, dnsName, Duration.ofMinutes(-1));
    }

    private Pair leaf(String subject, KeyPurposeId use, @Nullable String dnsName, Duration life) {
        var leafKeys = ec();
        var certificate = issue(
                new X500Name(subject),
                leafKeys,
                false,
                use,
                dnsName,
                Instant.now().minus(Duration.ofHours(1)),
                Instant.now().plus(life));
        return new Pair(leafKeys.getPrivate(), List.of(certificate));
    }

    private X509Certificate issue(
            X500Name subject,
            KeyPair subjectKeys,
            boolean isAuthority,
            @Nullable KeyPurposeId use,
            @Nullable String dnsName,
            Instant begin,
            Instant end) {
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(64, new SecureRandom()).add(BigInteger.ONE),
                    Date.from(begin),
                    Date.from(end),
                    subject,
                    subjectKeys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            if (use != null) {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(use));
            }
            if (dnsName != null) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, dnsName)));
            }
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair ec() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
