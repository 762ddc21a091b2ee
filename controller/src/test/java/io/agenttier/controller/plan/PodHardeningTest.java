package io.agenttier.controller.plan;

import static io.agenttier.controller.plan.Fixtures.FRESH;
import static io.agenttier.controller.plan.Fixtures.SETTINGS;
import static io.agenttier.controller.plan.Fixtures.effective;
import static io.agenttier.controller.plan.Fixtures.sandbox;
import static io.agenttier.controller.plan.Fixtures.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.agenttier.api.Names;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a pod never has, whatever an object says that came past every schema. Null-unmarked: getters of the Kubernetes models may be null, and
 * a test that meets one is right to fail.
 */
@NullUnmarked
class PodHardeningTest {
    private static final String KEY_SECRET = Names.secretName("hello", FRESH);

    /** Fields of a container, wanted and unwanted ones. */
    private static final List<String> OF_CONTAINERS = List.of(
            "\"command\": [\"sh\", \"$(AGENTTIER_TLS_KEY)\"]",
            "\"securityContext\": {\"privileged\": true, \"runAsUser\": 0, \"capabilities\": {\"add\": [\"SYS_ADMIN\"]}}",
            "\"lifecycle\": {\"postStart\": {\"exec\": {\"command\": [\"sh\"]}}}",
            "\"ports\": [{\"containerPort\": 80, \"hostPort\": 80, \"hostIP\": \"0.0.0.0\"}]",
            "\"volumeMounts\": [{\"name\": \"agenttier-run\", \"mountPath\": \"/x\"}, {\"name\": \"agenttier-bin\", \"mountPath\": \"/y\"}, {\"name\": \"agenttier-files\", \"mountPath\": \"/f\"}, {\"name\": \"workspace\", \"mountPath\": \"/z\", \"mountPropagation\": \"Bidirectional\"}]",
            "\"volumeDevices\": [{\"name\": \"workspace\", \"devicePath\": \"/dev/sda\"}]",
            "\"env\": [{\"name\": \"AGENTTIER_TLS_KEY\", \"valueFrom\": {\"fieldRef\": {\"fieldPath\": \"metadata.name\"}}}]",
            "\"envFrom\": [{\"secretRef\": {\"name\": \"s\"}}]",
            "\"restartPolicy\": \"Never\"",
            "\"terminationMessagePath\": \"/etc/passwd\"",
            "\"livenessProbe\": {\"exec\": {\"command\": [\"sh\"]}}",
            "\"startupProbe\": {\"httpGet\": {\"port\": \"http\", \"host\": \"169.254.169.254\"}}",
            "\"resources\": {\"limits\": {\"memory\": \"1Gi\"}, \"claims\": [{\"name\": \"gpu\"}]}");

    /** Fields of a spec, wanted and unwanted ones. */
    private static final List<String> OF_SPECS = List.of(
            "\"hostNetwork\": true, \"hostPID\": true, \"hostIPC\": true",
            "\"shareProcessNamespace\": true, \"automountServiceAccountToken\": true",
            "\"volumes\": [{\"name\": \"root\", \"hostPath\": {\"path\": \"/\"}}]",
            "\"ephemeralContainers\": [{\"name\": \"e\", \"image\": \"i\"}]",
            "\"nodeName\": \"control-plane\", \"tolerations\": [{\"operator\": \"Exists\"}]",
            "\"serviceAccount\": \"powerful\"",
            "\"security\": {\"privileged\": false, \"capabilities\": {\"add\": [\"ALL\"]}}",
            "\"credentials\": [{\"secretName\": \"c\", \"mountAs\": \"file\", \"mountPath\": \"/creds\"}, {\"secretName\": \"d\", \"envPrefix\": \"D_\"}]",
            "\"files\": [{\"path\": \"a\", \"secretRef\": {\"name\": \"f\", \"key\": \"k\"}}]",
            "\"env\": [{\"name\": \"LD_PRELOAD\", \"value\": \"/workspace/x.so\"}]",
            "\"harness\": {\"command\": [\"$(AGENTTIER_TLS_KEY)\"]}",
            "\"storage\": {\"ephemeral\": true, \"hostPath\": \"/\"}");

    private static String some(Random random, List<String> fields) {
        var chosen = fields.stream().filter(_ -> random.nextBoolean()).toList();
        return chosen.isEmpty() ? "" : ", " + String.join(", ", chosen);
    }

    private static V1Pod random(Random random) {
        var containers = new ArrayList<String>();
        for (var name : List.of("one", "two", "agenttier-install")) {
            containers.add("{\"name\": \"%s\", \"image\": \"i\"%s}".formatted(name, some(random, OF_CONTAINERS)));
        }
        var json = "{\"image\": {\"repository\": \"i\"}, \"initContainers\": [%s], \"sidecars\": [%s, %s]%s}"
                .formatted(containers.get(0), containers.get(1), containers.get(2), some(random, OF_SPECS));
        var injection = random.nextBoolean() ? Injection.IMAGE_VOLUME : Injection.INIT_CONTAINER;
        return DesiredPod.of(Fixtures.start(spec(json), injection));
    }

    @Test
    void noFieldOfAnObjectSoftensThePod() {
        for (var seed = 0; seed < 400; seed++) {
            var pod = random(new Random(seed));
            var spec = pod.getSpec();
            var text = JSON.getGson().toJson(pod);
            assertThat(text)
                    .as("seed " + seed)
                    .doesNotContain(
                            "hostPath",
                            "hostPort",
                            "hostIP\"",
                            "\"host\"",
                            "lifecycle",
                            "ephemeralContainers\":[{",
                            "volumeDevices\":[{",
                            "mountPropagation",
                            "tolerations\":[{",
                            "nodeName",
                            "claims\":[{",
                            "SYS_ADMIN",
                            "\"privileged\":true",
                            "\"add\":[\"");
            assertThat(Stream.of(
                            spec.getHostNetwork(),
                            spec.getHostPID(),
                            spec.getHostIPC(),
                            spec.getShareProcessNamespace(),
                            spec.getAutomountServiceAccountToken()))
                    .as("seed " + seed)
                    .containsOnly(false);
            assertThat(spec.getSecurityContext()).isEqualTo(Hardening.pod());
            assertThat(containers(pod))
                    .allSatisfy(c -> assertThat(c.getSecurityContext()).isEqualTo(Hardening.container()));
            assertThat(spec.getContainers()).extracting(V1Container::getName).containsExactly(Names.CONTAINER);
            sandboxIsOurs(spec.getContainers().getFirst());
            assertThat(spec.getInitContainers().stream()
                            .filter(c -> !PodLayout.INSTALLER.equals(c.getName()) || c.getRestartPolicy() != null)
                            .flatMap(c -> Stream.ofNullable(c.getVolumeMounts()).flatMap(List::stream)))
                    .extracting(V1VolumeMount::getName)
                    .isSubsetOf("workspace", "tmp");
            assertThat(namesOfKeySecret(JSON.getGson().toJsonTree(pod.getSpec())))
                    .as("the key's variable and the files beside it")
                    .isEqualTo(2);
        }
    }

    private static void sandboxIsOurs(V1Container sandbox) {
        assertThat(sandbox.getCommand()).containsExactly(PodLayout.BINARY, "serve");
        assertThat(sandbox.getArgs()).isNullOrEmpty();
        assertThat(sandbox.getLivenessProbe()).isNull();
        assertThat(sandbox.getStartupProbe()).isNull();
        assertThat(sandbox.getReadinessProbe().getExec()).isNull();
        assertThat(sandbox.getVolumeMounts())
                .filteredOn(mount -> mount.getMountPath().equals("/creds"))
                .allSatisfy(mount -> assertThat(mount.getReadOnly()).isTrue());
        assertThat(sandbox.getEnv().getLast().getName()).isEqualTo(PodLayout.KEY_VARIABLE);
    }

    private static Stream<V1Container> containers(V1Pod pod) {
        return Stream.concat(pod.getSpec().getContainers().stream(), pod.getSpec().getInitContainers().stream());
    }

    private static long namesOfKeySecret(JsonElement element) {
        if (element.isJsonObject()) {
            return element.getAsJsonObject().asMap().values().stream()
                    .mapToLong(PodHardeningTest::namesOfKeySecret)
                    .sum();
        }
        if (element.isJsonArray()) {
            return element.getAsJsonArray().asList().stream()
                    .mapToLong(PodHardeningTest::namesOfKeySecret)
                    .sum();
        }
        return element.isJsonPrimitive() && element.getAsString().equals(KEY_SECRET) ? 1 : 0;
    }

    @Test
    void privilegedIsTheSandboxesContainerAloneAndStillNoRoot() {
        var pod = DesiredPod.of(Fixtures.start(spec("""
                {"image": {"repository": "i"}, "security": {"privileged": true}, "sidecars": [{"name": "a", "image": "i"}]}"""), Injection.INIT_CONTAINER));
        var sandbox = pod.getSpec().getContainers().getFirst().getSecurityContext();
        assertThat(sandbox.getPrivileged()).isTrue();
        assertThat(sandbox.getRunAsUser()).isEqualTo(1000);
        assertThat(sandbox.getRunAsNonRoot()).isTrue();
        assertThat(pod.getSpec().getInitContainers())
                .hasSize(2)
                .allSatisfy(c -> assertThat(c.getSecurityContext()).isEqualTo(Hardening.container()));
        assertThat(pod.getSpec().getHostNetwork()).isFalse();
    }

    @Test
    void privilegeOfTheSandboxItselfStartsNothing() {
        var claimed = spec("{\"image\": {\"repository\": \"i\"}, \"security\": {\"privileged\": true}}");
        assertThat(Resolution.of(Fixtures.world(sandbox(claimed, null)), SETTINGS))
                .isInstanceOfSatisfying(Resolution.Blocked.class, blocked -> {
                    assertThat(blocked.condition()).isEqualTo("TemplateResolved");
                    assertThat(blocked.reason()).isEqualTo("Forbidden");
                    assertThat(blocked.message()).contains("security.privileged", "ClusterSandboxTemplate");
                });
    }

    @Test
    void domainsStartNothingAndAreNamed() {
        var asked =
                spec("{\"image\": {\"repository\": \"i\"}, \"network\": {\"allowedDomains\": [\"*.example.org\"]}}");
        assertThat(Resolution.of(Fixtures.world(sandbox(asked, null)), SETTINGS))
                .isInstanceOfSatisfying(Resolution.Blocked.class, blocked -> {
                    assertThat(blocked.condition()).isEqualTo("NetworkIsolated");
                    assertThat(blocked.reason()).isEqualTo("DomainsUnsupported");
                    assertThat(blocked.message()).contains("*.example.org");
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"env\": [{\"name\": \"A\", \"valueFrom\": {\"secretKeyRef\": {\"name\": \"%s\", \"key\": \"tls.key\"}}}]",
                "\"mode\": \"agent\", \"harness\": {\"agent\": {\"env\": [{\"name\": \"A\", \"valueFrom\": {\"secretKeyRef\": {\"name\": \"%s\", \"key\": \"tls.key\"}}}]}}",
                "\"credentials\": [{\"secretName\": \"%s\"}]",
                "\"credentials\": [{\"secretName\": \"%s\", \"mountAs\": \"file\", \"mountPath\": \"/k\"}]",
                "\"files\": [{\"path\": \"a\", \"secretRef\": {\"name\": \"%s\", \"key\": \"tls.key\"}}]",
                "\"sidecars\": [{\"name\": \"s\", \"image\": \"i\", \"envFrom\": [{\"secretRef\": {\"name\": \"%s\"}}]}]",
                "\"sidecars\": [{\"name\": \"s\", \"image\": \"i\", \"env\": [{\"name\": \"AGENTTIER_TLS_KEY\", \"valueFrom\": {\"secretKeyRef\": {\"name\": \"%s\", \"key\": \"tls.key\"}}}]}]"
            })
    void theOwnKeySecretIsSeenWhereverAUserNamesIt(String field) {
        var json = "{\"image\": {\"repository\": \"i\"}, " + field.formatted(KEY_SECRET) + "}";
        var pod = DesiredPod.of(Fixtures.start(spec(json), Injection.IMAGE_VOLUME));
        assertThat(PodSources.of(pod)).extracting(PodSources.Source::name).containsExactly(KEY_SECRET);
        assertThat(PodSources.of(DesiredPod.of(Fixtures.start(spec(), Injection.IMAGE_VOLUME))))
                .isEmpty();
    }

    @Test
    void whatActsAtTheNextStartIsSaid() {
        var before = StartedWith.of(effective(spec()));
        var now = StartedWith.of(effective(spec("""
                {"image": {"repository": "example.test/image:1"}, "credentials": [{"secretName": "c"}],
                 "sidecars": [{"name": "a", "image": "i"}], "initContainers": [{"name": "b", "image": "i"}]}""")));
        assertThat(before.changedTo(now)).containsExactly("credentials", "initContainers", "sidecars");
    }

    @Test
    void containersAreTakenOverAsTheyAre() {
        var pod = DesiredPod.of(Fixtures.start(spec("""
                {"image": {"repository": "i"},
                 "initContainers": [{"name": "fetch", "image": "f:1", "command": ["fetch"], "workingDir": "/w",
                   "volumeMounts": [{"name": "workspace", "mountPath": "/w", "subPath": "src"}]}],
                 "sidecars": [{"name": "db", "image": "d:1", "args": ["-p", "1"], "ports": [{"name": "db", "containerPort": 5432, "protocol": "TCP"}],
                   "resources": {"limits": {"memory": "64Mi"}}, "env": [{"name": "A", "value": "1"}],
                   "readinessProbe": {"tcpSocket": {"port": "db"}, "periodSeconds": 3},
                   "livenessProbe": {"httpGet": {"path": "/", "port": "8080", "httpHeaders": [{"name": "a", "value": "b"}]}},
                   "volumeMounts": [{"name": "tmp", "mountPath": "/run/x", "readOnly": true}]}]}"""), Injection.INIT_CONTAINER));
        var containers = JSON.getGson()
                .fromJson(JSON.getGson().toJson(pod), JsonObject.class)
                .getAsJsonObject("spec")
                .getAsJsonArray("initContainers");
        assertThat(containers.asList())
                .extracting(c -> c.getAsJsonObject().get("name").getAsString())
                .as("ours, init containers, sidecars")
                .containsExactly(PodLayout.INSTALLER, "fetch", "db");
        assertThat(containers.get(1).getAsJsonObject().has("restartPolicy")).isFalse();
        var sidecar = containers.get(2).getAsJsonObject();
        assertThat(sidecar.get("restartPolicy").getAsString()).isEqualTo("Always");
        assertThat(sidecar.get("readinessProbe")).hasToString("{\"periodSeconds\":3,\"tcpSocket\":{\"port\":\"db\"}}");
        assertThat(sidecar.get("livenessProbe"))
                .hasToString(
                        "{\"httpGet\":{\"httpHeaders\":[{\"name\":\"a\",\"value\":\"b\"}],\"path\":\"/\",\"port\":8080}}");
        assertThat(sidecar.get("volumeMounts"))
                .hasToString("[{\"mountPath\":\"/run/x\",\"name\":\"tmp\",\"readOnly\":true}]");
        assertThat(containers.get(1).getAsJsonObject().get("volumeMounts"))
                .hasToString("[{\"mountPath\":\"/w\",\"name\":\"workspace\",\"subPath\":\"src\"}]");
    }
}
