package io.agenttier.cli.transport;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;

/** Private keys in the forms that kubeconfigs hold: PKCS#8 of RSA, EC and Ed25519, PKCS#1 of RSA, SEC1 of EC. */
final class PrivateKeys {
    private static final String[] ALGORITHMS = {"EC", "RSA", "EdDSA"};

    private PrivateKeys() {}

    /**
     * The first key of that text.
     *
     * @throws GeneralSecurityException if there is none that we can use; the message says why
     */
    static PrivateKey parse(String pem) throws GeneralSecurityException {
        try {
            for (var block : Pem.blocks(pem)) {
                if (!block.label().endsWith("PRIVATE KEY")) {
                    continue;
                }
                if (block.isEncrypted()) {
                    throw new GeneralSecurityException(
                            "the key is encrypted with a passphrase; decrypt it, for example with openssl pkey");
                }
                return switch (block.label()) {
                    case "PRIVATE KEY" -> pkcs8(block.der());
                    case "RSA PRIVATE KEY" -> rsa(block.der());
                    case "EC PRIVATE KEY" -> ec(block.der());
                    default ->
                        throw new GeneralSecurityException(
                                "the key is a \"%s\": expected PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY"
                                        .formatted(block.label()));
                };
            }
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("the key is damaged: " + e.getMessage(), e);
        }
        throw new GeneralSecurityException(
                "there is no private key in it: expected PEM, -----BEGIN … PRIVATE KEY-----");
    }

    private static PrivateKey rsa(byte[] pkcs1) throws GeneralSecurityException {
        return KeyFactory.getInstance("RSA")
                .generatePrivate(new PKCS8EncodedKeySpec(
                        Der.value(Der.SEQUENCE, Der.ZERO, Der.RSA_ENCRYPTION, Der.value(Der.OCTETS, pkcs1))));
    }

    private static PrivateKey ec(byte[] sec1) throws GeneralSecurityException {
        var curve = Der.child(sec1, Der.CONTEXT_0);
        return KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Der.value(
                        Der.SEQUENCE,
                        Der.ZERO,
                        Der.value(Der.SEQUENCE, Der.EC_PUBLIC_KEY, curve),
                        Der.value(Der.OCTETS, sec1))));
    }

    private static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
        for (var algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // of another algorithm
            }
        }
        throw new GeneralSecurityException("the key is of a kind that we cannot use: expected RSA, EC or Ed25519");
    }
}
