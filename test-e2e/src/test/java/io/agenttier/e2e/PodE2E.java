package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Everything that a pod can be made of, where Pod Security takes the level {@code restricted} and nothing less. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class PodE2E {
    private static final String LEVEL = "pod-security.kubernetes.io/enforce=";
    private static final String PRIVILEGED = "pod-test-privileged";
    private static final String BESIDE =
            "image: \"localhost/agenttier/test-busybox:dev\", imagePullPolicy: IfNotPresent, command: [sh, -c, \"%s\"]";

    @BeforeAll
    static void restricted(TestNamespace namespace) {
        label(namespace, "restricted");
        secret(namespace, "db", "password=hunter2");
        secret(namespace, "keys", "id=private");
        namespace
                .kubectl()
                .run("create", "configmap", "conf", "--from-literal=app=configured")
                .orThrow();
    }

    @Test
    void everythingAPodCanHaveBehavesUnderRestricted(TestNamespace namespace) {
        var fetch = BESIDE.formatted("echo fetched > /w/fetched");
        var look = BESIDE.formatted(
                "exec >/tmp/seen 2>&1; id -u; cat /proc/[0-9]*/cmdline; echo; cat /proc/[0-9]*/environ;"
                        + " ls -a /; touch /rootfs; echo done; trap 'exit 0' TERM; sleep 100000 & wait");
        var sandbox = namespace.ready(
                "credentials: [{secretName: db, envPrefix: DB_}, {secretName: keys, mountAs: file, mountPath: /creds}]",
                "initContainers: [{name: fetch, %s, volumeMounts: [{name: workspace, mountPath: /w}]}]"
                        .formatted(fetch),
                "sidecars: [{name: look, %s, volumeMounts: [{name: tmp, mountPath: /tmp}]}]".formatted(look),
                "files: [{path: etc/app, configMapRef: {name: conf, key: app}}, {path: etc/id, mode: 384, secretRef: {name: keys, key: id}}]",
                "harness: {systemPrompt: {configMapRef: {name: conf, key: app}}, skills: [{name: open, content: {secretRef: {name: keys, key: id}}}]}");

        assertThat(output(namespace, sandbox, "echo $DB_password; cat fetched; cat etc/app; echo; stat -c %a etc/id"))
                .isEqualTo("hunter2\nfetched\nconfigured\n600\n");
        assertThat(output(namespace, sandbox, "cat .agenttier/system-prompt.md; echo; cat .agenttier/skills/open"))
                .isEqualTo("configured\nprivate");
        assertThat(output(
                        namespace,
                        sandbox,
                        "cat /creds/id; echo; stat -L -c %a /creds/id; echo x > /creds/id; echo $?"))
                .isEqualTo("private\n440\n1\n");
        assertThat(output(namespace, sandbox, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"))
                .as("processes of the sidecar")
                .doesNotContain("100000");

        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> output(namespace, sandbox, "cat /tmp/seen").contains("done"));
        var seen = output(namespace, sandbox, "cat /tmp/seen");
        assertThat(seen)
                .as("what the sidecar sees")
                .startsWith("1000\n")
                .contains("Read-only file system")
                .doesNotContain("sandboxd", ".agenttier", "TLS_KEY", "PRIVATE KEY", "hunter2");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            credentials: [{secretName: late-env}]                                                | late-env  | secret generic
            credentials: [{secretName: late-file, mountAs: file, mountPath: /creds}]             | late-file | secret generic
            files: [{path: a, configMapRef: {name: late-conf, key: k}}]                          | late-conf | configmap
            """)
    void whatIsMissingIsNamedAndHeals(String field, String name, String kind, TestNamespace namespace) {
        var sandbox = namespace.apply("test-busybox", field);
        awaitCondition(namespace, sandbox, "ConfigError", "\"" + name + "\" does not exist");
        assertThat(namespace.sandbox(sandbox).at("/status/phase").asText()).isEqualTo("Creating");
        namespace
                .kubectl()
                .run(("create " + kind + " " + name + " --from-literal=k=v").split(" ", -1))
                .orThrow();
        namespace.awaitReady(sandbox);
    }

    /** The Secret is there, so the pod is made: what it lacks the kubelet alone knows. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            files: [{path: a, secretRef: {name: keys, key: later-file}}]                    | later-file
            env: [{name: A, valueFrom: {secretKeyRef: {name: keys, key: later-variable}}}]  | later-variable
            """)
    void aKeyThatASecretLacksIsNamedAndHeals(String field, String key, TestNamespace namespace) {
        var sandbox = namespace.apply("test-busybox", field);
        awaitCondition(namespace, sandbox, "ConfigError", key, Duration.ofSeconds(30));
        namespace
                .kubectl()
                .run("patch", "secret", "keys", "-p", "{\"stringData\": {\"" + key + "\": \"v\"}}")
                .orThrow();
        namespace.awaitReady(sandbox);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            network: {allowedDomains: ["*.example.org"]}               | DomainsUnsupported  | *.example.org
            credentials: [{secretName: db, mountAs: session}]          | NotSupported        | spec.credentials[db].mountAs
            credentials: [{secretName: db, mountAs: file, mountPath: /.agenttier/bin}] | InvalidTemplate | outside of /.agenttier
            """)
    void whatCannotBeStartsNoPod(String field, String reason, String text, TestNamespace namespace) {
        var sandbox = namespace.apply("test-busybox", field);
        awaitCondition(namespace, sandbox, reason, text);
        assertThat(namespace.pods(sandbox)).isEmpty();
    }

    @Test
    void anInitContainerThatFailsSaysWhatItSaid(TestNamespace namespace) {
        var sandbox = namespace.apply(
                "test-busybox",
                "initContainers: [{name: fetch, %s}]".formatted(BESIDE.formatted("echo the mirror is down; exit 9")));
        awaitCondition(
                namespace, sandbox, "InitScriptFailed", "init container fetch exited with code 9 (the mirror is down");
    }

    @Test
    void privilegedComesFromAClusterTemplateOnlyAndPodSecurityHasTheLastWord(TestNamespace namespace) {
        var manifest = """
                apiVersion: agenttier.io/v1alpha1
                kind: Sandbox
                metadata: {name: privileged}
                spec: {%s, resources: {requests: {cpu: 10m, memory: 32Mi}}}
                """;
        var own = namespace
                .kubectl()
                .with(manifest.formatted("image: {repository: i}, security: {privileged: true}"))
                .run("apply", "-f", "-");
        assertThat(own.stderr()).contains("only a ClusterSandboxTemplate may be privileged");
        namespace
                .kubectl()
                .with("""
                        apiVersion: agenttier.io/v1alpha1
                        kind: ClusterSandboxTemplate
                        metadata: {name: %s}
                        spec: {image: {repository: "localhost/agenttier/test-busybox:dev", pullPolicy: IfNotPresent}, security: {privileged: true}}
                        """.formatted(PRIVILEGED))
                .run("apply", "-f", "-")
                .orThrow();
        try {
            namespace
                    .kubectl()
                    .with(manifest.formatted("templateRef: {kind: ClusterSandboxTemplate, name: " + PRIVILEGED + "}"))
                    .run("apply", "-f", "-")
                    .orThrow();
            awaitCondition(namespace, "privileged", "ConfigError", "violates PodSecurity \"restricted:latest\"");
            label(namespace, "privileged");
            namespace.awaitReady("privileged");
            assertThat(output(namespace, "privileged", "id -u; grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status"))
                    .isEqualTo("1000\nNoNewPrivs:\t0\nSeccomp:\t0\n");
        } finally {
            label(namespace, "restricted");
            namespace.kubectl().run("delete", "sandbox", "privileged", "--timeout=60s");
            namespace.kubectl().run("delete", "clustersandboxtemplate", PRIVILEGED);
        }
    }

    private static void label(TestNamespace namespace, String level) {
        namespace
                .kubectl()
                .run("label", "namespace", namespace.name(), LEVEL + level, "--overwrite")
                .orThrow();
    }

    private static void secret(TestNamespace namespace, String name, String entry) {
        namespace
                .kubectl()
                .run("create", "secret", "generic", name, "--from-literal=" + entry)
                .orThrow();
    }

    private static String output(TestNamespace namespace, String sandbox, String script) {
        return Exec.json(namespace, sandbox, Map.of("script", script))
                .get("stdout")
                .asText();
    }

    /** Within the 10 s that a user is promised. */
    private static void awaitCondition(TestNamespace namespace, String sandbox, String reason, String text) {
        awaitCondition(namespace, sandbox, reason, text, Duration.ofSeconds(10));
    }

    private static void awaitCondition(
            TestNamespace namespace, String sandbox, String reason, String text, Duration limit) {
        Awaitility.await(reason + " of " + sandbox)
                .atMost(limit)
                .untilAsserted(() -> assertThat(namespace
                                .sandbox(sandbox)
                                .at("/status/conditions")
                                .toString())
                        .contains("\"" + reason + "\"")
                        .contains(text.replace("\"", "\\\"")));
    }
}
