package io.agenttier.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One who may make sandboxes and templates and read nothing reaches nothing through them that he may not reach himself. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class AdmissionE2E {
    private static final String COLLECTION = "/apis/agenttier.io/v1alpha1/namespaces/%s/%s";
    private static final String IMAGE = "\"image\": {\"repository\": \"localhost/agenttier/test-busybox:dev\"}";
    private static final String PRIVILEGED = "admission-test-privileged";
    private static final String WITH_ACCOUNT = "admission-test-account";
    private static String attacker = "";
    private static String victim = "";
    private static String key = "";

    @BeforeAll
    static void oneWhoMayOnlyCreate(TestNamespace namespace) {
        var admin = namespace.kubectl();
        attacker = "system:serviceaccount:%s:attacker".formatted(namespace.name());
        admin.run("create", "serviceaccount", "attacker").orThrow();
        admin.run("create", "serviceaccount", "powerful").orThrow();
        admin.run(
                        "create",
                        "role",
                        "maker",
                        "--verb=create,update,patch,get",
                        "--resource=sandboxes.agenttier.io,sandboxtemplates.agenttier.io")
                .orThrow();
        admin.run(
                        "create",
                        "rolebinding",
                        "maker",
                        "--role=maker",
                        "--serviceaccount=" + namespace.name() + ":attacker")
                .orThrow();
        admin.run("create", "secret", "generic", "db", "--from-literal=password=hunter2")
                .orThrow();
        admin.run("create", "configmap", "settings", "--from-literal=url=x").orThrow();
        admin.with("""
                        apiVersion: agenttier.io/v1alpha1
                        kind: ClusterSandboxTemplate
                        metadata: {name: %s}
                        spec: {image: {repository: "x:1"}, security: {privileged: true}}
                        ---
                        apiVersion: agenttier.io/v1alpha1
                        kind: ClusterSandboxTemplate
                        metadata: {name: %s}
                        spec: {image: {repository: "x:1"}, serviceAccount: powerful}
                        """.formatted(PRIVILEGED, WITH_ACCOUNT))
                .run("apply", "-f", "-")
                .orThrow();
        victim = namespace.ready();
        var incarnation = namespace.sandbox(victim).at("/status/incarnation").asText();
        key = victim + "-" + incarnation;
        assertThat(admin.run("get", "secret", key, "-o", "name").stdout()).contains(key);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]  | spec.env[A].valueFrom.secretKeyRef | get secrets "db"
            "env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "url"}}}] | spec.env[A].valueFrom.configMapKeyRef | get configmaps "settings"
            "credentials": [{"secretName": "db", "mountAs": "env"}]                                   | spec.credentials[db].secretName | get secrets "db"
            "files": [{"path": "f", "secretRef": {"name": "db", "key": "password"}}]                  | spec.files[f].secretRef | get secrets "db"
            "harness": {"systemPrompt": {"secretRef": {"name": "db", "key": "password"}}}             | spec.harness.systemPrompt.secretRef | get secrets "db"
            "serviceAccount": "powerful"                                                              | spec.serviceAccount | create serviceaccounts/token "powerful"
            "sidecars": [{"name": "s", "image": "x:1", "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]}] | spec.sidecars[s].env[A].valueFrom.secretKeyRef | get secrets "db"
            "sidecars": [{"name": "s", "image": "x:1", "envFrom": [{"secretRef": {"name": "db"}}]}]   | spec.sidecars[s].envFrom[db].secretRef | get secrets "db"
            "initContainers": [{"name": "s", "image": "x:1", "envFrom": [{"secretRef": {"name": "db"}}]}] | spec.initContainers[s].envFrom[db].secretRef | get secrets "db"
            """)
    void namesNothingThatHeMayNotRead(String field, String path, String right, TestNamespace namespace) {
        var manifest = "{%s, %s}".formatted(IMAGE, field);
        isForbidden(create(namespace, "sandboxes", "Sandbox", manifest), path, right);
        isForbidden(create(namespace, "sandboxtemplates", "SandboxTemplate", manifest), path, right);
    }

    @Test
    void clonesNoSnapshotThatHeMayNotRead(TestNamespace namespace) {
        var reply =
                create(namespace, "sandboxes", "Sandbox", "{%s, \"cloneFromSnapshot\": \"nightly\"}".formatted(IMAGE));
        isForbidden(reply, "spec.cloneFromSnapshot", "get volumesnapshots \"nightly\"");
    }

    @Test
    void usesNoTemplateThatGivesMoreThanHeMayTake(TestNamespace namespace) {
        for (var template : List.of(PRIVILEGED, WITH_ACCOUNT, "admission-test-not-yet")) {
            var named = "{\"kind\": \"ClusterSandboxTemplate\", \"name\": \"%s\"}".formatted(template);
            isForbidden(
                    create(namespace, "sandboxes", "Sandbox", "{\"templateRef\": %s}".formatted(named)),
                    "spec.templateRef",
                    "use clustersandboxtemplates \"%s\"".formatted(template));
            isForbidden(
                    create(namespace, "sandboxtemplates", "SandboxTemplate", "{\"inheritsFrom\": %s}".formatted(named)),
                    "spec.inheritsFrom",
                    "use clustersandboxtemplates \"%s\"".formatted(template));
        }
        isForbidden(
                create(
                        namespace,
                        "sandboxes",
                        "Sandbox",
                        "{\"templateRef\": {\"name\": \"any\", \"namespace\": \"kube-system\"}}"),
                "spec.templateRef",
                "get sandboxtemplates \"any\" in the namespace \"kube-system\"");
    }

    @Test
    void nobodyNamesTheKeyOfASandbox(TestNamespace namespace) {
        var field = "{%s, \"credentials\": [{\"secretName\": \"%s\", \"mountAs\": \"env\"}]}".formatted(IMAGE, key);
        var byAdmin = post(namespace.api(), namespace, "sandboxes", "Sandbox", field);
        assertThat(byAdmin.code()).as(byAdmin.toString()).isEqualTo(403);
        assertThat(byAdmin.json().at("/details/causes/0/message").asText())
                .contains("holds a key of sandbox \"%s\"".formatted(victim), "can never be named");
    }

    @Test
    void aUpdateIsCheckedForWhatIsNew(TestNamespace namespace) {
        var own = create(namespace, "sandboxes", "Sandbox", "{%s, \"powerState\": \"Stopped\"}".formatted(IMAGE));
        assertThat(own.code()).as(own.toString()).isEqualTo(201);
        var path = TestNamespace.SANDBOX_PATH.formatted(
                namespace.name(), own.json().at("/metadata/name").asText());
        var bad = patch(namespace.api().as(attacker), path, "{\"spec\": {\"serviceAccount\": \"powerful\"}}");
        isForbidden(bad, "spec.serviceAccount", "create serviceaccounts/token \"powerful\"");
        assertThat(patch(namespace.api().as(attacker), path, "{\"spec\": {\"runtimeClass\": \"any\"}}")
                        .code())
                .isEqualTo(200);
        assertThat(patch(namespace.api(), path, "{\"spec\": {\"serviceAccount\": \"powerful\"}}")
                        .code())
                .as("an administrator may")
                .isEqualTo(200);
        assertThat(patch(namespace.api().as(attacker), path, "{\"spec\": {\"runtimeClass\": \"other\"}}")
                        .code())
                .as("what an administrator named is not asked of the next")
                .isEqualTo(200);
    }

    @Test
    void creatorIsStampedAndStays(TestNamespace namespace) {
        var made = create(
                namespace,
                "sandboxes",
                "Sandbox",
                "{%s, \"powerState\": \"Stopped\", \"createdBy\": {\"sub\": \"somebody else\"}}".formatted(IMAGE));
        assertThat(made.json().at("/spec/createdBy/sub").asText()).isEqualTo(attacker);
        var path = TestNamespace.SANDBOX_PATH.formatted(
                namespace.name(), made.json().at("/metadata/name").asText());
        var claimed = patch(
                namespace.api(), path, "{\"spec\": {\"createdBy\": {\"sub\": \"admin\"}, \"runtimeClass\": \"x\"}}");
        assertThat(claimed.json().at("/spec/createdBy/sub").asText()).isEqualTo(attacker);
        assertThat(claimed.headers().get("Warning")).contains("spec.createdBy", "cannot be changed");
    }

    @Test
    void aDryRunIsJudgedAlikeAndStoresNothing(TestNamespace namespace) {
        var path = COLLECTION.formatted(namespace.name(), "sandboxes") + "?dryRun=All";
        var body = manifest("Sandbox", "dry", "{%s, \"serviceAccount\": \"powerful\"}".formatted(IMAGE));
        isForbidden(
                namespace.api().as(attacker).call("POST", path, body.getBytes(UTF_8), "application/json"),
                "spec.serviceAccount",
                "create serviceaccounts/token");
        assertThat(namespace.kubectl().run("get", "sandbox", "dry").code()).isEqualTo(1);
    }

    @Test
    void retiredFieldsAreWarnedOf(TestNamespace namespace) {
        var reply = create(
                namespace,
                "sandboxes",
                "Sandbox",
                "{%s, \"powerState\": \"Stopped\", \"harness\": {\"useHTTPExec\": true}}".formatted(IMAGE));
        assertThat(reply.headers().get("Warning")).contains("useHTTPExec has no effect");
    }

    @Test
    void aTemplateInUseCannotGo(TestNamespace namespace) {
        namespace.kubectl().with("""
                apiVersion: agenttier.io/v1alpha1
                kind: SandboxTemplate
                metadata: {name: in-use}
                spec:
                  image: {repository: "localhost/agenttier/test-busybox:dev"}
                  resources: {requests: {cpu: 10m, memory: 32Mi}, limits: {cpu: "1", memory: 256Mi}}
                ---
                apiVersion: agenttier.io/v1alpha1
                kind: Sandbox
                metadata: {name: user-of-template}
                spec: {templateRef: {name: in-use}}
                """).run("apply", "-f", "-").orThrow();
        namespace.awaitReady("user-of-template");
        var path = COLLECTION.formatted(namespace.name(), "sandboxtemplates/in-use");
        var refused = namespace.api().delete(path);
        assertThat(refused.code()).as(refused.toString()).isEqualTo(409);
        assertThat(refused.json().get("message").asText())
                .contains("SandboxTemplate \"in-use\" is in use by %s/user-of-template".formatted(namespace.name()));
        patch(
                namespace.api(),
                TestNamespace.SANDBOX_PATH.formatted(namespace.name(), "user-of-template"),
                "{\"spec\": {\"powerState\": \"Stopped\"}}");
        namespace.awaitPhase("user-of-template", "Stopped");
        Awaitility.await().until(() -> namespace.api().delete(path).code() == 200);
    }

    @Test
    void whoMayReadASecretMayHandItOn(TestNamespace namespace) {
        var sandbox = namespace.ready(
                "env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}]",
                "serviceAccount: powerful");
        assertThat(Exec.json(namespace, sandbox, Map.of("script", "echo $PASSWORD; ls /var/run/secrets 2>&1"))
                        .toString())
                .contains("hunter2", "No such file");
    }

    @Test
    void aSecretOfAgentTierStaysClosedWhateverItsName(TestNamespace namespace) {
        namespace
                .kubectl()
                .run("create", "secret", "generic", "hook", "--from-literal=key=x")
                .orThrow();
        namespace
                .kubectl()
                .run("label", "secret", "hook", "agenttier.io/secret-purpose=event-webhook")
                .orThrow();
        var sandbox = namespace.apply(
                "test-busybox", "env: [{name: KEY, valueFrom: {secretKeyRef: {name: hook, key: key}}}]");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(
                                namespace.sandbox(sandbox).at("/status/message").asText())
                        .contains("Secret \"hook\" has label agenttier.io/secret-purpose"));
        assertThat(namespace.kubectl().run("get", "pod", sandbox + "-pod").code())
                .isEqualTo(1);
    }

    @Test
    void oneReplicaIsEnough(TestNamespace namespace, Cluster cluster) {
        var system = cluster.kubectl().in("agenttier");
        var pods = system.run(
                        "get",
                        "pods",
                        "-l",
                        "app.kubernetes.io/component=apiserver",
                        "-o",
                        "jsonpath={.items[0].metadata.name}")
                .stdout();
        system.run("delete", "pod", pods, "--wait=false").orThrow();
        for (int i = 0; i < 30; i++) {
            var made = create(namespace, "sandboxes", "Sandbox", "{%s, \"powerState\": \"Stopped\"}".formatted(IMAGE));
            assertThat(made.code()).as(made.toString()).isEqualTo(201);
        }
        system.run("rollout", "status", "deployment/agenttier-apiserver", "--timeout=180s")
                .orThrow();
    }

    private static void isForbidden(KubeApi.Reply reply, String field, String right) {
        assertThat(reply.code()).as(reply.toString()).isEqualTo(403);
        assertThat(reply.json().get("reason").asText()).isEqualTo("Forbidden");
        var causes = reply.json().at("/details/causes");
        assertThat(causes).as(reply.toString()).hasSize(1);
        assertThat(causes.get(0).get("field").asText()).isEqualTo(field);
        assertThat(causes.get(0).get("message").asText()).contains("User \"%s\" cannot %s".formatted(attacker, right));
    }

    private static KubeApi.Reply create(TestNamespace namespace, String resource, String kind, String spec) {
        return post(namespace.api().as(attacker), namespace, resource, kind, spec);
    }

    private static KubeApi.Reply post(KubeApi api, TestNamespace namespace, String resource, String kind, String spec) {
        return api.call(
                "POST",
                COLLECTION.formatted(namespace.name(), resource),
                manifest(kind, namespace.freshName(), spec).getBytes(UTF_8),
                "application/json");
    }

    private static String manifest(String kind, String name, String spec) {
        return "{\"apiVersion\": \"agenttier.io/v1alpha1\", \"kind\": \"%s\", \"metadata\": {\"name\": \"%s\"}, \"spec\": %s}"
                .formatted(kind, name, spec);
    }

    private static KubeApi.Reply patch(KubeApi api, String path, String body) {
        return api.call("PATCH", path, body.getBytes(UTF_8), "application/merge-patch+json");
    }
}
