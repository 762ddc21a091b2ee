package io.agenttier.controller.plan;

import static io.agenttier.controller.plan.Fixtures.FRESH;
import static io.agenttier.controller.plan.Fixtures.SETTINGS;
import static io.agenttier.controller.plan.Fixtures.effective;
import static io.agenttier.controller.plan.Fixtures.sandbox;
import static io.agenttier.controller.plan.Fixtures.spec;
import static io.agenttier.controller.plan.Fixtures.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Names;
import io.kubernetes.client.openapi.models.V1EnvVar;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Null-unmarked: getters of the Kubernetes models may be null, and a test that meets one is right to fail. */
@NullUnmarked
class DesiredObjectsTest {
    private static final String RICH = """
            {"image":{"repository":"example.test/image:1","pullPolicy":"Always","pullSecret":"regcred"},
             "resources":{"limits":{"memory":"2Gi"}},
             "storage":{"size":"20Gi","storageClass":"fast","mountPath":"/data","shared":true},
             "runtimeClass":"gvisor",
             "env":[{"name":"A","value":"x$(AGENTTIER_TLS_KEY)"},
                    {"name":"B","valueFrom":{"secretKeyRef":{"name":"s","key":"k","optional":true}}},
                    {"name":"C","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
             "harness":{"command":["python3","-m"],"args":["http.server"],"workingDir":"/data/src","shell":"/bin/ash"},
             "files":[{"path":"a.txt","content":"hi"},{"path":"/data/b <&>.sh","content":"ü","mode":493}]}
            """;

    @Test
    void podWithImageVolume() throws IOException {
        Golden.check("pod-image-volume", DesiredPod.of(start(spec(RICH), Injection.IMAGE_VOLUME)));
    }

    @Test
    void podWithInitContainer() throws IOException {
        Golden.check("pod-init-container", DesiredPod.of(start(spec(), Injection.INIT_CONTAINER)));
    }

    @Test
    void podWithEphemeralWorkspaceHasNoClaim() {
        var pod = DesiredPod.of(start(
                spec("{\"image\":{\"repository\":\"i\"},\"storage\":{\"ephemeral\":true,\"size\":\"3Gi\"}}"),
                Injection.IMAGE_VOLUME));
        var workspace = pod.getSpec().getVolumes().getFirst();
        assertThat(workspace.getPersistentVolumeClaim()).isNull();
        assertThat(workspace.getEmptyDir().getSizeLimit().toSuffixedString()).isEqualTo("3Gi");
    }

    @Test
    void keyIsTheLastVariableSoThatNoUserTextExpandsToIt() {
        var env = DesiredPod.of(start(spec(RICH), Injection.IMAGE_VOLUME))
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv();
        assertThat(env.getLast().getName()).isEqualTo("AGENTTIER_TLS_KEY");
        assertThat(env).filteredOn(v -> v.getName().equals("AGENTTIER_TLS_KEY")).hasSize(1);
    }

    @Test
    void variablesOfTheAgentComeUnderTheirOwnNamesBetweenTheUsersAndTheKey() {
        var env = env("agent");
        assertThat(env)
                .extracting(V1EnvVar::getName)
                .containsExactly("A", "AGENTTIER_AGENT_ENV_A", "AGENTTIER_AGENT_ENV_B", "AGENTTIER_TLS_KEY");
        assertThat(env.get(1).getValue()).isEqualTo("$(AGENTTIER_TLS_KEY)");
        assertThat(env.get(2).getValueFrom().getSecretKeyRef().getName()).isEqualTo("s");
        assertThat(env("code"))
                .as("nothing of it can run in code mode")
                .extracting(V1EnvVar::getName)
                .containsExactly("A", "AGENTTIER_TLS_KEY");
    }

    private static List<V1EnvVar> env(String mode) {
        var spec = spec("""
                {"mode":"%s","image":{"repository":"i"},"env":[{"name":"A","value":"1"}],"harness":{"agent":{"env":[
                  {"name":"A","value":"$(AGENTTIER_TLS_KEY)"},{"name":"B","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]}}}
                """.formatted(mode));
        return DesiredPod.of(start(spec, Injection.IMAGE_VOLUME))
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv();
    }

    @Test
    void privateKeyIsNotAmongTheMountedFiles() {
        var run = DesiredPod.of(start(spec(RICH), Injection.IMAGE_VOLUME)).getSpec().getVolumes().stream()
                .filter(v -> v.getSecret() != null)
                .toList();
        assertThat(run).hasSize(1);
        assertThat(run.getFirst().getSecret().getItems())
                .extracting(i -> i.getKey())
                .containsExactlyInAnyOrder("tls.crt", "ca.crt", "start.json");
    }

    @Test
    void noUserTextStandsInCommandOrArgs() {
        var container = DesiredPod.of(start(spec(RICH), Injection.IMAGE_VOLUME))
                .getSpec()
                .getContainers()
                .getFirst();
        assertThat(container.getCommand()).containsExactly("/.agenttier/bin/sandboxd", "serve");
        assertThat(container.getArgs()).isNullOrEmpty();
    }

    @Test
    void startPlan() throws IOException {
        Golden.checkText(
                "start.json",
                DesiredStartPlan.of(start(spec(RICH), Injection.IMAGE_VOLUME)).toJson() + "\n");
    }

    @Test
    void secret() throws IOException {
        var secret = DesiredSecret.of(sandbox(spec(), null), FRESH, "CERT", "KEY", "CA", "{}");
        Golden.check("secret", secret);
    }

    @Test
    void claimAndAccount() throws IOException {
        Golden.check("claim", DesiredClaim.of(sandbox(spec(RICH), null), effective(spec(RICH))));
        Golden.check("account", DesiredServiceAccount.of(sandbox(spec(), null)));
    }

    @Test
    void emptyStorageClassMeansTheDefaultOfTheCluster() {
        var asked = spec("{\"image\":{\"repository\":\"i\"},\"storage\":{\"storageClass\":\"\"}}");
        assertThat(DesiredClaim.of(sandbox(asked, null), effective(asked))
                        .getSpec()
                        .getStorageClassName())
                .isNull();
    }

    @Test
    void defaultDeny() throws IOException {
        Golden.check("default-deny", DefaultDeny.of("team1"));
        assertThat(DefaultDeny.closes(DefaultDeny.of("team1"))).isTrue();
    }

    @Test
    void policyWithoutNetworkAllowsDnsAndTheDaemonsCallersOnly() throws IOException {
        Golden.check("netpol-default", policy("{\"image\":{\"repository\":\"i\"}}", SETTINGS));
    }

    @Test
    void policyWithEverything() throws IOException {
        Golden.check("netpol-everything", policy("""
                        {"image":{"repository":"i"},"network":{"allowInternet":true,"allowPeerSandboxes":true,
                         "peerSandboxSelector":{"matchLabels":{"team":"a","agenttier.io/managed":"false"},
                           "matchExpressions":[{"key":"tier","operator":"Exists"}]},
                         "egressRules":[{"cidr":"10.1.0.0/16","ports":[{"port":5432}]},{"cidr":"0.0.0.0/0"},
                           {"cidr":"2001:db8::/32","ports":[{"port":53,"protocol":"UDP"}]}],
                         "ingressRules":[{"cidr":"192.0.2.0/24"},{"cidr":"192.0.2.0/24","ports":[{"port":8080}]}]}}
                        """, SETTINGS));
    }

    @Test
    void dnsWithoutAnyServerOpensNothingAndAnyOpensPort53() {
        var json = "{\"image\":{\"repository\":\"i\"}}";
        var none = policy(json, withDns(new DnsRule.Cluster(Peers.NONE)));
        assertThat(none.getSpec().getEgress()).isEmpty();
        var any = policy(json, withDns(new DnsRule.Any()));
        assertThat(any.getSpec().getEgress()).hasSize(1);
        assertThat(any.getSpec().getEgress().getFirst().getPorts())
                .extracting(p -> p.getPort().getIntValue())
                .containsExactly(53, 53);
    }

    private static io.kubernetes.client.openapi.models.V1NetworkPolicy policy(String json, ClusterSettings settings) {
        var policy = Fixtures.policy(spec(json), settings);
        assertThat(policy.getMetadata().getName()).isEqualTo(Names.netpolName("hello"));
        assertThat(DesiredNetworkPolicy.says(policy, policy)).isTrue();
        return policy;
    }

    private static ClusterSettings withDns(DnsRule dns) {
        return Fixtures.settings(dns, null);
    }
}
