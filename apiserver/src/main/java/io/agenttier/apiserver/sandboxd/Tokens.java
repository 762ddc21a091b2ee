package io.agenttier.apiserver.sandboxd;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.util.Base64;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * Mints the JWT of a request: ES256, certificate in {@code x5c}, audience one incarnation, 60 s. A signature costs more than the rest of
 * a small call, so a token serves the same user, operation and incarnation for the first half of its life.
 */
final class Tokens {
    private static final Duration LIFE = Duration.ofSeconds(60);
    private static final Duration REUSE = Duration.ofSeconds(30);
    private static final int CACHED = 10_000;

    private record Key(String incarnation, Caller caller, Operation operation) {}

    private record Minted(String token, X509Certificate certificate, long reusableUntil) {}

    private final InstantSource clock;
    private final Cache<Key, Minted> minted =
            Caffeine.newBuilder().maximumSize(CACHED).expireAfterWrite(REUSE).build();

    Tokens(InstantSource clock) {
        this.clock = clock;
    }

    /** A token that is good for at least 30 s more, signed by {@code signer}. */
    String token(Signer signer, String incarnation, Caller caller, Operation operation) {
        var key = new Key(incarnation, caller, operation);
        var now = clock.millis();
        var known = minted.getIfPresent(key);
        if (known != null && known.certificate.equals(signer.certificate()) && now < known.reusableUntil) {
            return known.token;
        }
        var fresh = new Minted(mint(signer, key, now), signer.certificate(), now + REUSE.toMillis());
        minted.put(key, fresh);
        return fresh.token;
    }

    private static String mint(Signer signer, Key key, long now) {
        try {
            var header = new JWSHeader.Builder(JWSAlgorithm.ES256)
                    .x509CertChain(List.of(Base64.encode(signer.certificate().getEncoded())))
                    .build();
            var claims = new JWTClaimsSet.Builder()
                    .audience(key.incarnation)
                    .subject(key.caller.user())
                    .claim("op", key.operation.claim())
                    .claim("iat", now / 1000)
                    .claim("exp", now / 1000 + LIFE.toSeconds());
            if (key.caller.ownOnly()) {
                claims.claim("own", true);
            }
            var jwt = new SignedJWT(header, claims.build());
            jwt.sign(new ECDSASigner(signer.key(), Curve.P_256));
            return jwt.serialize();
        } catch (JOSEException | CertificateEncodingException e) {
            throw new IllegalStateException("the signer's key or certificate is no P-256 pair", e);
        }
    }
}
