package io.agenttier.cli.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.cli.fake.TestCertificates;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateKeysTest {
    @ParameterizedTest
    @ValueSource(ints = {256, 384, 521})
    void readsEcKeysInBothForms(int bits) throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(bits);
        var key = generator.generateKeyPair().getPrivate();
        assertThat(PrivateKeys.parse(TestCertificates.pem(key))).isEqualTo(key);
        var info = PrivateKeyInfo.getInstance(key.getEncoded());
        AlgorithmIdentifier algorithm = info.getPrivateKeyAlgorithm();
        var bare = ECPrivateKey.getInstance(info.parsePrivateKey());
        var sec1 = new ECPrivateKey(bits, bare.getKey(), algorithm.getParameters()).getEncoded();
        var text = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
                + TestCertificates.pem("EC PRIVATE KEY", sec1);
        assertThat(((java.security.interfaces.ECPrivateKey) PrivateKeys.parse(text)).getS())
                .isEqualTo(((java.security.interfaces.ECPrivateKey) key).getS());
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 2048})
    void readsRsaKeysInBothForms(int bits) throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        var key = generator.generateKeyPair().getPrivate();
        assertThat(PrivateKeys.parse(TestCertificates.pem(key))).isEqualTo(key);
        var pkcs1 = PrivateKeyInfo.getInstance(key.getEncoded())
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();
        assertThat(PrivateKeys.parse(TestCertificates.pem("RSA PRIVATE KEY", pkcs1)))
                .isEqualTo(key);
    }

    @Test
    void readsEd25519Keys() throws Exception {
        var key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate();
        assertThat(PrivateKeys.parse(TestCertificates.pem(key))).isEqualTo(key);
    }

    @Test
    void saysWhyAKeyIsOfNoUse() {
        assertRefused("", "there is no private key in it: expected PEM, -----BEGIN … PRIVATE KEY-----");
        assertRefused(
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----",
                "the key is encrypted with a passphrase; decrypt it, for example with openssl pkey");
        assertRefused(
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----",
                "the key is encrypted with a passphrase; decrypt it, for example with openssl pkey");
        assertRefused(
                "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----",
                "the key is a \"DSA PRIVATE KEY\": expected PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY");
        assertRefused(
                "-----BEGIN EC PRIVATE KEY-----\nMIIB\n-----END EC PRIVATE KEY-----",
                "the key is damaged: ends too early");
        assertRefused(
                "-----BEGIN EC PRIVATE KEY-----\n*!*\n-----END EC PRIVATE KEY-----",
                "the key is damaged: Illegal base64 character 2a");
    }

    private static void assertRefused(String pem, String message) {
        assertThatThrownBy(() -> PrivateKeys.parse(pem))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessage(message);
    }
}
