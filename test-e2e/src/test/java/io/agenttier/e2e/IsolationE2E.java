package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What code in a sandbox can and cannot do by default (design §7, {@code spec} behaviour §5, §6). */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class IsolationE2E {
    private static String sandbox = "";
    private static String other = "";

    @BeforeAll
    static void twoSandboxes(TestNamespace namespace) {
        sandbox = namespace.ready();
        other = namespace.ready(
                "harness: {command: [sh, -c, \"mkdir -p /workspace/www; echo hi > /workspace/www/index.html; exec httpd -f -p 8080 -h /workspace/www\"]}");
    }

    @Test
    void runsAsAnOrdinaryUserOnAReadOnlyRoot(TestNamespace namespace) {
        var out = sh(
                namespace,
                sandbox,
                "id -u; id -g; touch /x 2>&1; grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status; ls /var/run/secrets 2>&1");
        assertThat(out)
                .startsWith("1000\n1000\n")
                .contains("Read-only file system")
                .containsPattern("CapEff:\\s+0000000000000000")
                .containsPattern("NoNewPrivs:\\s+1")
                .containsPattern("Seccomp:\\s+2")
                .contains("No such file");
    }

    @Test
    void passesPodSecurityRestricted(TestNamespace namespace) {
        var pod = namespace
                .kubectl()
                .run("get", "pod", sandbox + "-pod", "-o", "json")
                .orThrow()
                .stdout();
        var dryRun = namespace
                .cluster()
                .kubectl()
                .run(
                        "label",
                        "--dry-run=server",
                        "--overwrite",
                        "namespace",
                        namespace.name(),
                        "pod-security.kubernetes.io/enforce=restricted");
        assertThat(pod).contains("\"runAsNonRoot\": true");
        assertThat(dryRun.orThrow().stderr())
                .doesNotContain("existing pods in namespace")
                .doesNotContain("violate");
    }

    @Test
    void keepsItsKeyFromItsOwnCode(TestNamespace namespace) {
        var out = sh(
                namespace,
                sandbox,
                "cat /proc/1/environ 2>&1; env; ls -l /.agenttier/run/ 2>&1; cat /.agenttier/run/tls.key 2>&1; grep -rl 'PRIVATE KEY' /.agenttier /workspace /tmp 2>/dev/null");
        assertThat(out)
                .doesNotContain("PRIVATE KEY")
                .doesNotContain("AGENTTIER_TLS_KEY")
                .contains("Permission denied");
    }

    @Test
    void reachesNeitherOtherSandboxesNorTheKubeApi(TestNamespace namespace) {
        var ip = podIp(namespace, other);
        var kubernetes = namespace
                .cluster()
                .kubectl()
                .run("get", "service", "kubernetes", "-o", "jsonpath={.spec.clusterIP}")
                .stdout();
        assertThat(connects(namespace, "127.0.0.1:9000")).as("its own loopback").isTrue();
        assertThat(connects(namespace, ip + ":8080")).as("another sandbox").isFalse();
        assertThat(connects(namespace, ip + ":9000"))
                .as("another sandbox's sandboxd")
                .isFalse();
        assertThat(connects(namespace, kubernetes + ":443"))
                .as("kube-apiserver")
                .isFalse();
    }

    @Test
    void resolvesNames(TestNamespace namespace) {
        assertThat(sh(namespace, sandbox, "nslookup kubernetes.default.svc.cluster.local 2>&1"))
                .contains("Address");
    }

    @Test
    void reachesAPeerThatAgreesAndOnlyThen(TestNamespace namespace) {
        var peer = namespace.ready(
                "network: {allowPeerSandboxes: true}",
                "harness: {command: [sh, -c, \"mkdir -p /workspace/www; echo peer > /workspace/www/index.html; exec httpd -f -p 8080 -h /workspace/www\"]}");
        var asking = namespace.ready("network: {allowPeerSandboxes: true}");
        var ip = podIp(namespace, peer);
        assertThat(sh(namespace, asking, "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 " + ip + " 8080"))
                .endsWith("peer\n");
        assertThat(connects(namespace, ip + ":8080"))
                .as("a sandbox that did not agree")
                .isFalse();
    }

    @Test
    void refusesCallsToSandboxdWithoutAToken(TestNamespace namespace) {
        var withCurl = namespace.apply("sandbox-minimal");
        namespace.awaitReady(withCurl);
        for (var header : new String[] {"X-Nothing: 1", "Authorization: Bearer a.b.c"}) {
            var call =
                    "curl -sk -o /dev/null -w '%{http_code}' -H '" + header + "' https://127.0.0.1:9000/v1/processes";
            assertThat(sh(namespace, withCurl, call)).isEqualTo("401");
        }
    }

    private static boolean connects(TestNamespace namespace, String address) {
        return Exec.json(
                                namespace,
                                sandbox,
                                Map.of(
                                        "script",
                                        "nc -w 3 " + address.replace(':', ' ') + " </dev/null",
                                        "timeoutSeconds",
                                        10))
                        .get("exitCode")
                        .asInt()
                == 0;
    }

    private static String sh(TestNamespace namespace, String sandbox, String script) {
        var answer = Exec.json(namespace, sandbox, Map.of("script", script));
        return answer.get("stdout").asText() + answer.get("stderr").asText();
    }

    private static String podIp(TestNamespace namespace, String sandbox) {
        return namespace
                .kubectl()
                .run("get", "pod", sandbox + "-pod", "-o", "jsonpath={.status.podIP}")
                .orThrow()
                .stdout();
    }
}
