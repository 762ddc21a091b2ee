package io.agenttier.e2e;

import static io.agenttier.e2e.client.Netcat.connects;
import static io.agenttier.e2e.client.Netcat.fetch;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.PlainPod;
import io.agenttier.e2e.cluster.PublicAddress;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the rules of {@code network} open and what they leave closed, by real connections from and to a running sandbox. */
@Tag("e2e")
@Timeout(300)
@ExtendWith(ClusterExtension.class)
class NetworkRulesE2E {
    /** Serves on 8080, which has a name, and on 8081, which has none. */
    private static final String SERVERS = """
            containers: [{name: main, image: "localhost/agenttier/test-busybox:dev", imagePullPolicy: IfNotPresent, ports: [{name: web, containerPort: 8080}], command: [sh, -c, "httpd -p 8081; exec httpd -f -p 8080"]}]""";

    private static final String TO_WEB = "selector: {role: web}, ports: [{name: http, port: 80, targetPort: web}]";

    private static PlainPod web;
    private static PlainPod other;
    private static String open = "";

    @BeforeAll
    static void neighbours(TestNamespace namespace) {
        web = PlainPod.ready(namespace, "web", Map.of("role", "web"), SERVERS);
        other = PlainPod.ready(namespace, "other", Map.of("role", "other"), SERVERS);
        open = namespace.ready("network: {allowInternet: true}");
    }

    @Test
    void aServiceOpensItsPodsAtItsPortAndTheRuleFollowsIt(TestNamespace namespace) {
        var sandbox = namespace.apply("test-busybox", "network: {egressRules: [{serviceRef: {name: shop, port: 80}}]}");
        awaitIsolation(namespace, sandbox, "ServiceNotFound", "Service \\\"shop\\\" of namespace");
        assertThat(namespace.sandbox(sandbox).at("/status/phase").asText()).isEqualTo("Creating");

        service(namespace, "shop", TO_WEB);
        namespace.awaitReady(sandbox);
        assertThat(fetch(namespace, sandbox, "shop", 80))
                .as("by the Service's name")
                .contains("404");
        assertThat(connects(namespace, sandbox, web.address(), 8080))
                .as("its pod")
                .isTrue();
        assertThat(connects(namespace, sandbox, web.address(), 8081))
                .as("another port of its pod")
                .isFalse();
        assertThat(connects(namespace, sandbox, other.address(), 8080))
                .as("another pod")
                .isFalse();

        service(namespace, "shop", "selector: {role: other}, ports: [{port: 80, targetPort: 8081}]");
        Awaitility.await("the rule follows the Service")
                .atMost(Duration.ofSeconds(20))
                .until(() -> connects(namespace, sandbox, other.address(), 8081));
        assertThat(connects(namespace, sandbox, web.address(), 8080))
                .as("its pod of before")
                .isFalse();

        namespace.kubectl().run("delete", "service", "shop").orThrow();
        awaitIsolation(namespace, sandbox, "ServiceNotFound", "does not exist");
        Awaitility.await("nothing is open without the Service")
                .atMost(Duration.ofSeconds(20))
                .until(() -> !connects(namespace, sandbox, other.address(), 8081));
        assertThat(namespace.sandbox(sandbox).at("/status/phase").asText()).isEqualTo("Running");
    }

    @Test
    void theRulesOfAStartFollowTheirServiceAfterTheTemplateWasEdited(TestNamespace namespace) {
        service(namespace, "kept", TO_WEB);
        template(namespace, "kept", "kept");
        namespace.kubectl().with("""
                apiVersion: agenttier.io/v1alpha1
                kind: Sandbox
                metadata: {name: by-template}
                spec: {templateRef: {name: kept}}
                """).run("apply", "-f", "-").orThrow();
        namespace.awaitReady("by-template");
        assertThat(connects(namespace, "by-template", web.address(), 8080)).isTrue();

        template(namespace, "kept", "of-the-edit");
        Awaitility.await("the edit is seen")
                .atMost(Duration.ofSeconds(20))
                .until(() -> namespace
                        .sandbox("by-template")
                        .toString()
                        .contains("changes of the template act at its next start"));
        service(namespace, "kept", "selector: {role: other}, ports: [{port: 80, targetPort: 8081}]");
        Awaitility.await("the rule of the start follows its Service")
                .atMost(Duration.ofSeconds(20))
                .until(() -> connects(namespace, "by-template", other.address(), 8081));
        assertThat(connects(namespace, "by-template", web.address(), 8080))
                .as("its pod of before")
                .isFalse();
    }

    /** A template that opens the way to a Service. */
    private static void template(TestNamespace namespace, String name, String service) {
        namespace
                .kubectl()
                .with("""
                apiVersion: agenttier.io/v1alpha1
                kind: SandboxTemplate
                metadata: {name: %s}
                spec:
                  image: {repository: "localhost/agenttier/test-busybox:dev", pullPolicy: IfNotPresent}
                  resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {cpu: 500m, memory: 64Mi}}
                  network: {egressRules: [{serviceRef: {name: %s}}]}
                """.formatted(name, service))
                .run("apply", "-f", "-")
                .orThrow();
    }

    @Test
    void aHeadlessServiceAndOneOfAnotherNamespaceWithoutASelectorLeadToWhatIsBehindThem(TestNamespace namespace) {
        service(namespace, "headless", "clusterIP: None, " + TO_WEB);
        var sandbox = namespace.ready(
                "network: {egressRules: [{serviceRef: {name: headless}}, {serviceRef: {name: kubernetes, namespace: default, port: 443}}]}");
        assertThat(fetch(namespace, sandbox, "headless", 8080)).contains("404");
        assertThat(connects(namespace, sandbox, web.address(), 8081)).isFalse();
        var kubernetes = kubernetes(namespace);
        assertThat(connects(namespace, sandbox, kubernetes, 443))
                .as("kube-apiserver, by a Service that selects no pods")
                .isTrue();
        assertThat(connects(namespace, open, kubernetes, 443))
                .as("kube-apiserver for whoever has no such rule")
                .isFalse();
    }

    @Test
    void whatNoPolicyCanBeMadeOfIsNamedAndStartsNothing(TestNamespace namespace) {
        service(namespace, "alias", "type: ExternalName, externalName: example.test");
        service(namespace, "bare", "ports: [{port: 80}]");
        service(namespace, "lone", TO_WEB);
        for (var wrong : Map.of(
                        "{name: alias}", "is of type ExternalName",
                        "{name: bare}", "neither a selector nor EndpointSlices",
                        "{name: lone, port: 81}", "has no port 81")
                .entrySet()) {
            var sandbox = namespace.apply(
                    "test-busybox", "network: {egressRules: [{serviceRef: %s}]}".formatted(wrong.getKey()));
            awaitIsolation(namespace, sandbox, "ApplyFailed", wrong.getValue());
            assertThat(namespace.pods(sandbox)).isEmpty();
        }
    }

    @Test
    void onlyWhoMayGetAServiceNamesIt(TestNamespace namespace) {
        var attacker = "network-attacker";
        namespace
                .kubectl()
                .run("create", "role", attacker, "--verb=get,create,patch", "--resource=sandboxes.agenttier.io")
                .orThrow();
        namespace
                .kubectl()
                .run("create", "rolebinding", attacker, "--role=" + attacker, "--user=" + attacker)
                .orThrow();
        var manifest = """
                apiVersion: agenttier.io/v1alpha1
                kind: Sandbox
                metadata: {name: reaching}
                spec: {image: {repository: i}, powerState: Stopped, network: {%s: [{serviceRef: {name: kubernetes, namespace: default}}]}}
                """;
        for (var rules : new String[] {"egressRules", "ingressRules"}) {
            var refused = namespace
                    .kubectl()
                    .as(attacker)
                    .with(manifest.formatted(rules))
                    .run("create", "-f", "-");
            assertThat(refused.stderr())
                    .as(rules)
                    .contains("cannot get services \"kubernetes\" in the namespace \"default\"");
        }
        namespace
                .kubectl()
                .with(manifest.formatted("egressRules"))
                .run("create", "--dry-run=server", "-f", "-")
                .orThrow();
    }

    @Test
    void aRangeOpensItsAddressesAtItsPortsAlone(TestNamespace namespace) {
        var sandbox = namespace.ready(
                "network: {egressRules: [{cidr: %s/32, ports: [{port: 8080}]}]}".formatted(web.address()));
        assertThat(connects(namespace, sandbox, web.address(), 8080)).isTrue();
        assertThat(connects(namespace, sandbox, web.address(), 8081))
                .as("another port")
                .isFalse();
        assertThat(connects(namespace, sandbox, other.address(), 8080))
                .as("another address")
                .isFalse();

        var whole = namespace.ready("network: {egressRules: [{cidr: 0.0.0.0/0}]}");
        assertThat(connects(namespace, whole, web.address(), 8081))
                .as("all ports")
                .isTrue();
        assertThat(connects(namespace, whole, "169.254.169.254", 80))
                .as("cloud metadata stays out of a wider range")
                .isFalse();
    }

    @Test
    void theInternetIsPublicAddressesAlone(TestNamespace namespace) {
        var node = PlainPod.node(namespace, open + "-pod");
        var ofNode = namespace
                .cluster()
                .kubectl()
                .run("get", "node", node, "-o", "jsonpath={.status.addresses[?(@.type==\"InternalIP\")].address}")
                .orThrow()
                .stdout();
        try (var publicly = PublicAddress.at(namespace, node, "198.51.100.77", 8099)) {
            assertThat(connects(namespace, open, publicly.address(), 8099))
                    .as("a public address")
                    .isTrue();
            assertThat(connects(namespace, namespace.ready(), publicly.address(), 8099))
                    .as("a public address for whoever may not")
                    .isFalse();
            assertThat(connects(namespace, open, ofNode, 8099))
                    .as("the node's address")
                    .isFalse();
        }
        assertThat(connects(namespace, open, web.address(), 8080)).as("a pod").isFalse();
        assertThat(connects(namespace, open, kubernetes(namespace), 443))
                .as("kube-apiserver")
                .isFalse();
        assertThat(connects(namespace, open, "169.254.169.254", 80))
                .as("cloud metadata")
                .isFalse();
    }

    @Test
    void aSandboxIsReachedOnlyAtWhatItsIngressRulesSay(TestNamespace namespace) {
        service(namespace, "callers", TO_WEB);
        var serve = "harness: {command: [sh, -c, \"httpd -p 8081; exec httpd -f -p 8080\"]}";
        var byRange = namespace.ready(
                serve, "network: {ingressRules: [{cidr: %s/32, ports: [{port: 8080}]}]}".formatted(web.address()));
        var byService = namespace.ready(serve, "network: {ingressRules: [{serviceRef: {name: callers}}]}");
        var closed = namespace.ready(serve);
        for (var port : new int[] {8080, 8081, 9000}) {
            assertThat(reached(namespace, web, byRange, port))
                    .as("by its range, at %d", port)
                    .isEqualTo(port == 8080);
            assertThat(reached(namespace, web, byService, port))
                    .as("by its Service, at %d", port)
                    .isEqualTo(port != 9000);
            for (var sandbox : new String[] {byRange, byService, closed}) {
                assertThat(reached(namespace, other, sandbox, port))
                        .as("by a stranger, at %d", port)
                        .isFalse();
            }
            assertThat(reached(namespace, web, closed, port))
                    .as("without a rule, at %d", port)
                    .isFalse();
        }
        assertThat(connects(namespace, byRange, web.address(), 8080))
                .as("a rule inwards opens nothing outwards")
                .isFalse();
    }

    private static void service(TestNamespace namespace, String name, String spec) {
        var manifest = "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {%s}\n".formatted(name, spec);
        namespace.kubectl().with(manifest).run("apply", "-f", "-").orThrow();
    }

    private static String kubernetes(TestNamespace namespace) {
        return namespace
                .cluster()
                .kubectl()
                .run("get", "service", "kubernetes", "-o", "jsonpath={.spec.clusterIP}")
                .orThrow()
                .stdout();
    }

    private static boolean reached(TestNamespace namespace, PlainPod from, String sandbox, int port) {
        var address = PlainPod.address(namespace, sandbox + "-pod");
        return from.exec("nc", "-w", "2", address, Integer.toString(port)).code() == 0;
    }

    /** Within the 10 s that a user is promised. */
    private static void awaitIsolation(TestNamespace namespace, String sandbox, String reason, String text) {
        Awaitility.await(reason + " of " + sandbox)
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(namespace
                                .sandbox(sandbox)
                                .at("/status/conditions")
                                .toString())
                        .contains("\"" + reason + "\"")
                        .contains(text));
    }
}
