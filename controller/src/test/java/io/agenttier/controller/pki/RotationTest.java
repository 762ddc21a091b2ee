package io.agenttier.controller.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RotationTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Leaf SERVING = new Leaf.Serving("agenttier-apiserver.agenttier.svc");

    private static final Leaf SIGNER = new Leaf.Signer("apiserver");

    private final SecureRandom random = new SecureRandom();
    private final AuthoritySecret ca = AuthoritySecret.create(NOW, random);
    private final Map<String, String> leaf = LeafSecret.create(SERVING, ca, NOW, random);

    @Test
    void leafIsKeptUntilTwoThirdsOfItsLife() {
        assertThat(LeafSecret.renewed(leaf, SERVING, ca, NOW.plus(Duration.ofDays(59)), random))
                .isEmpty();
        assertThat(LeafSecret.renewed(leaf, SERVING, ca, NOW.plus(Duration.ofDays(60)), random))
                .isPresent();
    }

    @Test
    void leafOfAnotherNameIsReplaced() {
        assertThat(LeafSecret.renewed(leaf, new Leaf.Serving("other.agenttier.svc"), ca, NOW, random))
                .isPresent();
        assertThat(LeafSecret.renewed(leaf, new Leaf.Signer("apiserver"), ca, NOW, random))
                .isPresent();
    }

    @Test
    void unreadableLeafIsReplaced() {
        for (var key : leaf.keySet()) {
            var broken = new HashMap<>(leaf);
            broken.put(key, "garbage");
            assertThat(LeafSecret.renewed(broken, SERVING, ca, NOW, random))
                    .as(key)
                    .isPresent();
        }
        assertThat(LeafSecret.renewed(Map.of(), SERVING, ca, NOW, random)).isPresent();
    }

    @Test
    void caIsReplacedAtTwoThirdsOfItsLifeAndTheOldOneStaysTrusted() throws GeneralSecurityException {
        var due = Renewal.at(ca.authority().certificate());
        assertThat(ca.renewed(due.minusSeconds(1), random)).isEmpty();
        var next = ca.renewed(due, random).orElseThrow();
        assertThat(Pem.certificates(next.trustBundle()))
                .containsExactly(next.authority().certificate(), ca.authority().certificate());
        assertThat(AuthoritySecret.parse(next.data()).trustBundle()).isEqualTo(next.trustBundle());
    }

    @Test
    void leavesTrustTheNewCaAtOnceAndMoveToItLater() throws GeneralSecurityException {
        var due = Renewal.at(ca.authority().certificate());
        var next = ca.renewed(due, random).orElseThrow();
        var served = LeafSecret.create(SERVING, ca, due, random);
        var trusting = LeafSecret.renewed(served, SERVING, next, due, random).orElseThrow();
        assertThat(trusting.get("tls.crt")).as("not yet").isEqualTo(served.get("tls.crt"));
        assertThat(trusting.get("ca.crt")).isEqualTo(next.trustBundle());
        assertThat(LeafSecret.renewed(trusting, SERVING, next, due.plusSeconds(599), random))
                .isEmpty();
        var later = due.plusSeconds(600);
        var moved = LeafSecret.renewed(trusting, SERVING, next, later, random).orElseThrow();
        LeafSecret.certificate(moved).verify(next.authority().certificate().getPublicKey());
        assertThat(LeafSecret.renewed(moved, SERVING, next, later, random)).isEmpty();
    }

    /** Pods read the CAs once, when they start. */
    @Test
    void signersAreAcceptedByPodsOfEveryCaThatIsValid() throws GeneralSecurityException {
        var due = Renewal.at(ca.authority().certificate());
        var next = ca.renewed(due, random).orElseThrow();
        var end = ca.authority().certificate().getNotAfter().toInstant();
        var lastDay = end.minus(AuthoritySecret.LAST_SIGNATURE);
        var signer = LeafSecret.create(SIGNER, next, due.plus(Duration.ofDays(30)), random);
        LeafSecret.certificate(signer).verify(ca.authority().certificate().getPublicKey());
        assertThat(Pem.certificates(next.trustBundle()))
                .as("what a new pod trusts")
                .contains(ca.authority().certificate());
        assertThat(LeafSecret.renewed(signer, SIGNER, next, due.plus(Duration.ofDays(89)), random))
                .isEmpty();
        var last = LeafSecret.renewed(signer, SIGNER, next, lastDay, random).orElseThrow();
        LeafSecret.certificate(last).verify(next.authority().certificate().getPublicKey());
    }

    @Test
    void casBeforeThisOneAreKeptWithTheirKeys() throws GeneralSecurityException {
        var second = new AuthoritySecret(Authority.create(NOW, random), List.of(ca.authority()));
        var third = new AuthoritySecret(Authority.create(NOW, random), List.of(second.authority(), ca.authority()));
        var read = AuthoritySecret.parse(third.data());
        assertThat(read.data()).isEqualTo(third.data());
        var signer = LeafSecret.create(SIGNER, read, NOW, random);
        LeafSecret.certificate(signer).verify(ca.authority().certificate().getPublicKey());
        var incomplete = new HashMap<>(third.data());
        incomplete.put("previous-ca.key", second.authority().own().keyPem());
        assertThatThrownBy(() -> AuthoritySecret.parse(incomplete))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining("holds 2 certificates and key previous-ca.key 1 keys");
    }

    @Test
    void endedCaIsForgottenAndOnlyTheTrustOfTheLeafChanges() {
        var due = Renewal.at(ca.authority().certificate());
        var both = ca.renewed(due, random).orElseThrow();
        var afterEnd = ca.authority().certificate().getNotAfter().toInstant();
        var alone = both.renewed(afterEnd, random).orElseThrow();
        assertThat(alone.previous()).isEmpty();
        assertThat(alone.authority()).isEqualTo(both.authority());
        var fresh = LeafSecret.create(SERVING, both, afterEnd, random);
        var refreshed =
                LeafSecret.renewed(fresh, SERVING, alone, afterEnd, random).orElseThrow();
        assertThat(refreshed.get("tls.crt")).isEqualTo(fresh.get("tls.crt"));
        assertThat(refreshed.get("ca.crt")).isEqualTo(alone.trustBundle());
    }

    @Test
    void unreadableCaIsReportedAndNeverReplaced() {
        assertThatThrownBy(() -> AuthoritySecret.parse(Map.of("ca.crt", "garbage", "ca.key", "garbage")))
                .isInstanceOf(GeneralSecurityException.class);
        assertThatThrownBy(() -> AuthoritySecret.parse(
                        Map.of("ca.crt", ca.authority().own().certificatePem())))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining("PRIVATE KEY");
    }
}
