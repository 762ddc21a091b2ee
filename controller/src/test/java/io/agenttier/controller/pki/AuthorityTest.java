package io.agenttier.controller.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AuthorityTest {
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final SecureRandom random = new SecureRandom();
    private final Authority ca = Authority.create(NOW, random);

    @Test
    void leavesChainToTheCaByPkix() throws GeneralSecurityException {
        for (var leaf : List.of(new Leaf.Serving("a.b.svc"), new Leaf.Signer("apiserver"), new Leaf.Pod("0a1b2c3d"))) {
            validate(ca.issue(leaf, NOW, random).certificate(), ca.certificate(), NOW.plusSeconds(60));
        }
    }

    @Test
    void leavesOfAnotherCaDoNotChain() {
        var other = Authority.create(NOW, random);
        var leaf = other.issue(new Leaf.Signer("apiserver"), NOW, random).certificate();
        assertThatThrownBy(() -> validate(leaf, ca.certificate(), NOW)).isInstanceOf(CertPathValidatorException.class);
    }

    @Test
    void leafCannotSignFurtherCertificates() throws GeneralSecurityException {
        var leaf = ca.issue(new Leaf.Signer("apiserver"), NOW, random);
        assertThat(leaf.certificate().getBasicConstraints()).isEqualTo(-1);
        assertThat(ca.certificate().getBasicConstraints()).isZero();
        assertThat(leaf.certificate().getKeyUsage()[0]).isTrue();
        assertThat(leaf.certificate().getKeyUsage()[5]).isFalse();
    }

    @Test
    void signerIsForClientAuthAndHasExactlyOneUri() throws GeneralSecurityException {
        var leaf = ca.issue(new Leaf.Signer("controller"), NOW, random).certificate();
        assertThat(leaf.getExtendedKeyUsage()).containsExactly(CLIENT_AUTH);
        assertThat(leaf.getSubjectAlternativeNames()).hasSize(1);
        assertThat(leaf.getSubjectAlternativeNames().iterator().next())
                .isEqualTo(List.of(6, "agenttier://signer/controller"));
    }

    @Test
    void podIsForServerAuthUnderTheNameOfItsIncarnation() throws GeneralSecurityException {
        var leaf = ca.issue(new Leaf.Pod("0a1b2c3d"), NOW, random).certificate();
        assertThat(leaf.getExtendedKeyUsage()).containsExactly(SERVER_AUTH);
        assertThat(leaf.getSubjectX500Principal().getName()).isEqualTo("CN=0a1b2c3d");
        assertThat(leaf.getSubjectAlternativeNames().iterator().next())
                .isEqualTo(List.of(2, "0a1b2c3d.sandbox.agenttier.io"));
    }

    @Test
    void podsLiveAsLongAsTheCaAndOthersNinetyDays() {
        var pod = ca.issue(new Leaf.Pod("0a1b2c3d"), NOW, random).certificate();
        var serving = ca.issue(new Leaf.Serving("a.b.svc"), NOW, random).certificate();
        assertThat(pod.getNotAfter()).isEqualTo(ca.certificate().getNotAfter());
        assertThat(serving.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(90)));
    }

    @Test
    void noLeafOutlivesItsCa() {
        var late = ca.certificate().getNotAfter().toInstant().minus(Duration.ofDays(1));
        assertThat(ca.issue(new Leaf.Serving("a.b.svc"), late, random)
                        .certificate()
                        .getNotAfter())
                .isEqualTo(ca.certificate().getNotAfter());
    }

    @Test
    void keysSurvivePemAndAreNotPrinted() throws GeneralSecurityException {
        var issued = ca.issue(new Leaf.Pod("0a1b2c3d"), NOW, random);
        assertThat(issued.keyPem()).startsWith("-----BEGIN PRIVATE KEY-----\n");
        assertThat(Pem.privateKey(issued.keyPem())).isEqualTo(issued.key());
        assertThat(Pem.certificates(issued.certificatePem())).containsExactly(issued.certificate());
        assertThat(issued.toString()).doesNotContain("PRIVATE").contains("0a1b2c3d");
    }

    private static void validate(X509Certificate leaf, X509Certificate anchor, Instant at)
            throws GeneralSecurityException {
        var parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(at));
        var path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf));
        CertPathValidator.getInstance("PKIX").validate(path, parameters);
    }
}
