package io.agenttier.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.api.Labels;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1OwnerReference;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdoptionTest {
    private static V1ObjectMeta ownedBy(String uid) {
        return new V1ObjectMeta()
                .putLabelsItem(Labels.INCARNATION, "0a1b2c3d")
                .addOwnerReferencesItem(new V1OwnerReference()
                        .kind("Sandbox")
                        .name("hello")
                        .uid(uid)
                        .controller(true));
    }

    private static Adoption of(V1ObjectMeta found, String incarnation) {
        return Adoption.of(found, Fixtures.sandbox(Fixtures.spec(), null), incarnation, "living"::equals);
    }

    @Test
    void ownObjectIsAdoptedIfItsIncarnationFits() {
        assertThat(of(ownedBy(Fixtures.UID), "")).isEqualTo(Adoption.ADOPT);
        assertThat(of(ownedBy(Fixtures.UID), "0a1b2c3d")).isEqualTo(Adoption.ADOPT);
        assertThat(of(ownedBy(Fixtures.UID), "ffffffff")).isEqualTo(Adoption.WAIT);
    }

    @Test
    void objectOfAnEarlierSandboxOfTheSameNameIsWaitedFor() {
        assertThat(of(ownedBy("gone"), "")).isEqualTo(Adoption.WAIT);
        assertThat(of(ownedBy("living"), "")).isEqualTo(Adoption.CONFLICT);
    }

    @Test
    void objectThatIsGoingIsWaitedForWhoeverOwnsIt() {
        var going = ownedBy("living").deletionTimestamp(Fixtures.T0.atOffset(ZoneOffset.UTC));
        assertThat(of(going, "")).isEqualTo(Adoption.WAIT);
    }

    @Test
    void labelOrPlainOwnerProvesNothing() {
        assertThat(of(new V1ObjectMeta().putLabelsItem(Labels.SANDBOX, "hello"), ""))
                .isEqualTo(Adoption.CONFLICT);
        var notController = new V1ObjectMeta()
                .addOwnerReferencesItem(
                        new V1OwnerReference().kind("Sandbox").name("hello").uid(Fixtures.UID));
        assertThat(of(notController, "")).isEqualTo(Adoption.CONFLICT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "a/b", "A", "a..b", "../../secrets/x", "a?b", "-a", "a%2fb"})
    void nameThatCouldLeadElsewhereIsNoPathSegment(String name) {
        assertThatThrownBy(() -> ResourceKind.POD.path("team1", name)).isInstanceOf(IllegalArgumentException.class);
    }
}
