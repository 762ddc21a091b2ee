package io.agenttier.apiserver.sandboxd;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class TokensTest {
    private static final PodAuthority CA = new PodAuthority();
    private final Signer signer = CA.signer();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Tokens tokens = new Tokens(() -> now);

    @Test
    void saysWhoMayDoWhatWhereAndForHowLong() throws Exception {
        var jwt = SignedJWT.parse(tokens.token(signer, "0a1b2c3d", Caller.of("alice"), Operation.EXEC));
        var claims = jwt.getJWTClaimsSet();
        assertThat(claims.getAudience()).containsExactly("0a1b2c3d");
        assertThat(claims.getSubject()).isEqualTo("alice");
        assertThat(claims.getStringClaim("op")).isEqualTo("exec");
        assertThat(claims.getClaim("own")).isNull();
        assertThat(claims.getIssueTime().toInstant()).isEqualTo(now);
        assertThat(claims.getExpirationTime().toInstant()).isEqualTo(now.plusSeconds(60));
        assertThat(jwt.verify(
                        new ECDSAVerifier((ECPublicKey) signer.certificate().getPublicKey())))
                .isTrue();
        assertThat(Base64.getDecoder()
                        .decode(jwt.getHeader().getX509CertChain().getFirst().toString()))
                .isEqualTo(signer.certificate().getEncoded());
    }

    @Test
    void marksACallerWhoMayReadOnlyHisOwn() throws Exception {
        var jwt = SignedJWT.parse(tokens.token(signer, "0a1b2c3d", new Caller("bob", true), Operation.LOG));
        assertThat(jwt.getJWTClaimsSet().getBooleanClaim("own")).isTrue();
    }

    @Test
    void isReusedForHalfItsLifeAndNeverLonger() {
        var first = token("alice", Operation.EXEC);
        now = now.plus(Duration.ofSeconds(29));
        assertThat(token("alice", Operation.EXEC)).isEqualTo(first);
        now = now.plus(Duration.ofSeconds(1));
        assertThat(token("alice", Operation.EXEC)).isNotEqualTo(first);
    }

    @Test
    void isNeverSharedBetweenUsersOperationsIncarnationsOrSigners() {
        var first = token("alice", Operation.EXEC);
        assertThat(token("bob", Operation.EXEC)).isNotEqualTo(first);
        assertThat(token("alice", Operation.LOG)).isNotEqualTo(first);
        assertThat(tokens.token(signer, "ffffffff", Caller.of("alice"), Operation.EXEC))
                .isNotEqualTo(first);
        assertThat(tokens.token(signer, "0a1b2c3d", new Caller("alice", true), Operation.EXEC))
                .isNotEqualTo(first);
        assertThat(tokens.token(CA.signer(), "0a1b2c3d", Caller.of("alice"), Operation.EXEC))
                .isNotEqualTo(first);
    }

    private String token(String user, Operation operation) {
        return tokens.token(signer, "0a1b2c3d", Caller.of(user), operation);
    }
}
