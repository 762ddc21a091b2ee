package io.agenttier.controller.plan;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.ObjectMeta;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.SandboxStatus;
import io.agenttier.api.TemplateSpec;
import io.agenttier.api.merge.ClusterDefaults;
import io.agenttier.api.merge.EffectiveSpec;
import io.agenttier.api.merge.Merge;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.api.network.Cidr;
import io.agenttier.api.network.ProtectedRanges;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sandboxes, worlds and settings for tests. */
final class Fixtures {
    static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    static final String UID = "11111111-1111-1111-1111-111111111111";
    static final String FRESH = "0a1b2c3d";

    static final ClusterSettings SETTINGS = settings(
            new DnsRule.Cluster(new Peers("kube-system", Map.of("k8s-app", "kube-dns"), List.of("169.254.20.10/32"))),
            null);

    private Fixtures() {}

    static ClusterSettings settings(DnsRule dns, @Nullable Previews previews) {
        return new ClusterSettings(
                "agenttier",
                "example.test/sandboxd:1",
                1L << 30,
                Duration.ofSeconds(10),
                Duration.ofMinutes(10),
                Duration.ofMinutes(5),
                Duration.ofMinutes(5),
                Duration.ofMinutes(10),
                Duration.ofSeconds(30),
                dns,
                previews,
                List.of(Cidr.of("169.254.0.0/16"), Cidr.of("168.63.129.16/32"), Cidr.of("203.0.113.0/24")),
                ClusterDefaults.BUILT_IN);
    }

    static SandboxSpec spec() {
        return spec("{\"image\":{\"repository\":\"example.test/image:1\"}}");
    }

    /** A spec from the JSON that a user would write. */
    static SandboxSpec spec(String json) {
        return JSON.getGson().fromJson(json, SandboxSpec.class);
    }

    static TemplateSpec template(String json) {
        return JSON.getGson().fromJson(json, TemplateSpec.class);
    }

    static Sandbox sandbox(SandboxSpec spec, @Nullable SandboxStatus status) {
        return new Sandbox(ApiGroup.API_VERSION, Sandbox.KIND, metadata(Map.of()), spec, status);
    }

    static ObjectMeta metadata(Map<String, String> annotations) {
        return new ObjectMeta(
                "hello",
                "team1",
                UID,
                "1",
                1,
                T0.atOffset(ZoneOffset.UTC),
                null,
                Map.of(),
                annotations,
                List.of(),
                List.of());
    }

    static EffectiveSpec effective(SandboxSpec spec) {
        return Merge.effective(spec, null, ClusterDefaults.BUILT_IN);
    }

    static Start start(SandboxSpec spec, Injection injection) {
        return new Start(sandbox(spec, null), effective(spec), "", FRESH, "hello-pod", injection, false, SETTINGS);
    }

    /** The policy of a sandbox of that spec in a cluster without Services. */
    static V1NetworkPolicy policy(SandboxSpec spec, ClusterSettings settings) {
        var services =
                ServiceRules.of(effective(spec), "team1", Map.of(), ProtectedRanges.with(settings.protectedCidrs()));
        return DesiredNetworkPolicy.of(sandbox(spec, null), effective(spec), services, Optional.empty(), settings);
    }

    static World world(Sandbox sandbox) {
        return world(sandbox, TemplateChain.NONE);
    }

    static World world(Sandbox sandbox, TemplateChain templates) {
        return new World(
                sandbox,
                templates,
                List.of(),
                null,
                null,
                null,
                null,
                false,
                false,
                false,
                false,
                Injection.IMAGE_VOLUME,
                Set.of(),
                null,
                Map.of());
    }
}
