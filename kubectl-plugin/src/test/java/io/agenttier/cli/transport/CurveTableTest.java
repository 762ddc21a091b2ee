package io.agenttier.cli.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.TestCertificates;
import java.security.KeyPairGenerator;
import org.junit.jupiter.api.Test;

class CurveTableTest {
    @Test
    void isWantedForAuthoritiesOnP256Only() throws Exception {
        var ec = TestCertificates.authority();
        assertThat(CurveTable.isOnCurve(TestCertificates.pem(ec.certificate()))).isTrue();

        var rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        assertThat(CurveTable.isOnCurve(
                        TestCertificates.pem("CERTIFICATE", rsa.getPublic().getEncoded())))
                .isFalse();
    }

    @Test
    void leavesDamagedCertificatesToWhoeverReadsThem() {
        assertThat(CurveTable.isOnCurve("-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----"))
                .isFalse();
        assertThat(CurveTable.isOnCurve("")).isFalse();
    }
}
