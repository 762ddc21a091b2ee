package io.agenttier.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.TestCertificates;
import java.security.cert.X509Certificate;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CertificatesTest {
    private final X509Certificate ca;
    private final String bundle;

    CertificatesTest() throws Exception {
        ca = TestCertificates.authority().certificate();
        bundle = Cluster.base64(TestCertificates.pem(ca));
    }

    @Test
    void theEndOfACaIsForetoldAndThenFails() {
        var end = ca.getNotAfter().toInstant();
        assertThat(at(ca.getNotBefore().toInstant())).isEqualTo(Finding.Level.OK);
        assertThat(at(end.minusSeconds(1))).isEqualTo(Finding.Level.WARN);
        assertThat(at(end)).isEqualTo(Finding.Level.FAIL);
    }

    @Test
    void inABundleTheNewestCounts() throws Exception {
        var both = Cluster.base64(TestCertificates.pem(ca)
                + TestCertificates.pem(TestCertificates.authority().certificate()));
        assertThat(Certificates.bundle("c", both, ca.getNotBefore().toInstant()).level())
                .isEqualTo(Finding.Level.OK);
    }

    private Finding.Level at(Instant now) {
        return Certificates.bundle("c", bundle, now).level();
    }
}
