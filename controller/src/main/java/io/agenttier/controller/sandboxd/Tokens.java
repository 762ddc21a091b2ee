package io.agenttier.controller.sandboxd;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.util.Base64;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** Mints the JWT of one call: ES256, certificate in {@code x5c}, audience one incarnation. */
final class Tokens {
    /** The controller's name towards sandboxd, which records it. */
    private static final String SUBJECT = "agenttier:controller";

    private static final Duration LIFE = Duration.ofSeconds(60);

    private final InstantSource clock;

    Tokens(InstantSource clock) {
        this.clock = clock;
    }

    String token(Signer signer, String incarnation, String operation) {
        var now = clock.instant().getEpochSecond();
        var claims = new JWTClaimsSet.Builder()
                .audience(incarnation)
                .subject(SUBJECT)
                .claim("op", operation)
                .claim("iat", now)
                .claim("exp", now + LIFE.toSeconds())
                .build();
        try {
            var chain = List.of(Base64.encode(signer.certificate().getEncoded()));
            var token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.ES256)
                            .x509CertChain(chain)
                            .build(),
                    claims);
            token.sign(new ECDSASigner(signer.key(), Curve.P_256));
            return token.serialize();
        } catch (JOSEException | CertificateEncodingException e) {
            throw new IllegalStateException("the signer's key or certificate is no P-256 pair", e);
        }
    }
}
