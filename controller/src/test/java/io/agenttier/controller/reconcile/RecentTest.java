package io.agenttier.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.ObjectMeta;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxSpec;
import io.agenttier.controller.plan.ResourceKind;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecentTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Recent recent = new Recent(() -> now);

    private static Sandbox sandbox(String uid, String version) {
        var metadata =
                new ObjectMeta("hello", "team1", uid, version, 1, null, null, Map.of(), Map.of(), List.of(), List.of());
        return Sandbox.of(metadata, SandboxSpec.EMPTY);
    }

    @Test
    void writtenSandboxHidesAnOlderCachedOneOnly() {
        recent.written(sandbox("u", "100"));
        assertThat(recent.newest(sandbox("u", "99")).metadata().resourceVersion())
                .isEqualTo("100");
        assertThat(recent.newest(sandbox("u", "101")).metadata().resourceVersion())
                .isEqualTo("101");
        assertThat(recent.newest(sandbox("u", "99")).metadata().resourceVersion())
                .as("once the cache is ahead it is believed")
                .isEqualTo("99");
    }

    @Test
    void anotherSandboxOfTheSameNameIsNotHidden() {
        recent.written(sandbox("old", "100"));
        assertThat(recent.newest(sandbox("new", "99")).metadata().uid()).isEqualTo("new");
    }

    @Test
    void createdObjectIsKnownUntilTheCacheTellsOrTimeIsUp() {
        var pod = new V1Pod();
        recent.created(ResourceKind.POD, "team1", "a", pod);
        recent.created(ResourceKind.POD, "team1", "b", pod);
        recent.seen(ResourceKind.POD, "team1", "a");
        assertThat(recent.object(ResourceKind.POD, "team1", "a", V1Pod.class)).isEmpty();
        assertThat(recent.object(ResourceKind.POD, "team1", "b", V1Pod.class)).containsSame(pod);
        now = now.plusSeconds(11);
        assertThat(recent.object(ResourceKind.POD, "team1", "b", V1Pod.class)).isEmpty();
    }
}
