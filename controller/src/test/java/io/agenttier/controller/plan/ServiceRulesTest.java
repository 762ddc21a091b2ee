package io.agenttier.controller.plan;

import static io.agenttier.controller.plan.Fixtures.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Conditions;
import io.agenttier.api.Reasons;
import io.agenttier.api.network.ProtectedRanges;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1EndpointSlice;
import io.kubernetes.client.openapi.models.V1Service;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@NullUnmarked
class ServiceRulesTest {
    private static final ServiceName DB = new ServiceName("team1", "db");
    private static final String PORTS = "[{\"name\": \"sql\", \"port\": 80, \"targetPort\": 5432},"
            + " {\"name\": \"web\", \"port\": 443, \"targetPort\": \"https\"},"
            + " {\"name\": \"dns\", \"port\": 80, \"protocol\": \"UDP\"}]";
    private static final String SELECTING =
            "{\"selector\": {\"app\": \"db\", \"tier\": \"x\"}, \"ports\": " + PORTS + "}";
    private static final String BARE = "{\"ports\": " + PORTS + "}";

    @Test
    void policyOfServicesOfBothKindsAndDirections() throws IOException {
        var services = Map.of(
                DB,
                service(SELECTING),
                new ServiceName("data", "outside"),
                service(
                        BARE,
                        slice(
                                "IPv4",
                                "[{\"name\": \"sql\", \"port\": 6543}, {\"name\": \"other\", \"port\": 1}]",
                                "10.3.0.9",
                                "10.3.0.8"),
                        slice("IPv6", "[{\"name\": \"sql\", \"port\": 6543}]", "2001:db8::5")));
        var rules = """
                "egressRules": [{"serviceRef": {"name": "db"}}, {"serviceRef": {"name": "db", "namespace": "team1", "port": 443}},
                                {"serviceRef": {"name": "outside", "namespace": "data"}, "ports": [{"port": 80}]}],
                "ingressRules": [{"serviceRef": {"name": "db"}, "ports": [{"port": 8080}]}, {"serviceRef": {"name": "outside", "namespace": "data"}}]""";
        var found = of(rules, services);
        assertThat(found.problem()).isEmpty();
        var spec = spec(rules);
        var policy = DesiredNetworkPolicy.of(
                Fixtures.sandbox(spec, null), Fixtures.effective(spec), found, Optional.empty(), SETTINGS);
        Golden.check("netpol-services", policy);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"name": "db"}             |                                      | TCP 5432, TCP https, UDP 80
            {"name": "db", "port": 80} |                                      | TCP 5432, UDP 80
            {"name": "db"}             | {"port": 80}                         | TCP 5432
            {"name": "db"}             | {"port": 80, "protocol": "UDP"}      | UDP 80
            {"name": "db"}             | {"port": 443}, {"port": 80}          | TCP https, TCP 5432
            """)
    void portsOfTheServiceBecomeThoseOfItsPods(String ref, String ports, String expected) {
        var rule =
                "\"egressRules\": [{\"serviceRef\": %s, \"ports\": [%s]}]".formatted(ref, ports == null ? "" : ports);
        assertThat(of(rule, Map.of(DB, service(SELECTING))).egress().stream()
                        .flatMap(r -> r.getPorts().stream())
                        .map(p -> p.getProtocol() + " " + p.getPort()))
                .containsExactly(expected.split(", ", -1));
    }

    @Test
    void aHeadlessServiceWithoutPortsOpensItsPodsAsAWhole() {
        var headless = service("{\"clusterIP\": \"None\", \"selector\": {\"app\": \"db\"}}");
        var rule =
                of(egress("{\"name\": \"db\"}"), Map.of(DB, headless)).egress().getFirst();
        assertThat(rule.getPorts()).isNull();
        assertThat(rule.getTo()).singleElement().satisfies(peer -> {
            assertThat(peer.getPodSelector().getMatchLabels()).containsExactly(Map.entry("app", "db"));
            assertThat(peer.getNamespaceSelector().getMatchLabels())
                    .containsExactly(Map.entry("kubernetes.io/metadata.name", "team1"));
        });
    }

    @Test
    void aServiceThatLeadsNowhereOpensNothingAndSaysWhy() {
        assertProblem(Map.of(), Reasons.SERVICE_NOT_FOUND, "Service \"db\" of namespace \"team1\" does not exist");
        assertProblem(
                Map.of(
                        DB,
                        service(
                                "{\"type\": \"ExternalName\", \"externalName\": \"db.example.test\", \"selector\": {\"a\": \"b\"}}")),
                Reasons.APPLY_FAILED,
                "type ExternalName");
        assertProblem(Map.of(DB, service(BARE)), Reasons.APPLY_FAILED, "neither a selector nor EndpointSlices");
    }

    @Test
    void aPortThatTheServiceLacksOpensNothing() {
        for (var backed : List.of(
                service(SELECTING),
                service(BARE, slice("IPv4", "[{\"name\": \"sql\", \"port\": 6543}]", "10.3.0.9")))) {
            var found = of(egress("{\"name\": \"db\", \"port\": 81}"), Map.of(DB, backed));
            assertThat(found.egress()).isEmpty();
            assertThat(found.problem())
                    .hasValueSatisfying(p ->
                            assertThat(p.message()).contains("Service \"db\" of namespace \"team1\" has no port 81"));
        }
    }

    @Test
    void noAddressBehindAServiceOpensAProtectedRange() {
        var backed = Map.of(
                DB, service(BARE, slice("IPv4", "[{\"name\": \"sql\", \"port\": 80}]", "168.63.129.16", "10.3.0.9")));
        var found = of(egress("{\"name\": \"db\"}"), backed);
        assertThat(found.egress()).isEmpty();
        assertThat(found.problem())
                .hasValueSatisfying(
                        p -> assertThat(p.message()).contains("168.63.129.16/32 lies in the protected range"));
        var privileged = ServiceRules.of(
                Fixtures.effective(spec(egress("{\"name\": \"db\"}"))),
                "team1",
                backed,
                new ProtectedRanges(List.of()));
        assertThat(privileged.egress()).hasSize(1);
    }

    @Test
    void hostNamesAndPortsOfOthersInAnEndpointSliceOpenNothing() {
        var names = service(BARE, slice("FQDN", "[{\"name\": \"sql\", \"port\": 80}]", "db.example.test"));
        assertThat(of(egress("{\"name\": \"db\"}"), Map.of(DB, names)).egress()).isEmpty();
        var other = service(BARE, slice("IPv4", "[{\"name\": \"other\", \"port\": 80}]", "10.3.0.9"));
        assertThat(of(egress("{\"name\": \"db\"}"), Map.of(DB, other)).egress()).isEmpty();
    }

    @Test
    void aStartWaitsForItsServiceAndARunningSandboxIsClosedThere() {
        var simulation = new Simulation(spec(egress("{\"name\": \"db\"}")));
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(simulation.pods).isEmpty();
        assertThat(isolated(simulation).reason()).isEqualTo(Reasons.SERVICE_NOT_FOUND);

        simulation.services = Map.of(DB, service(SELECTING));
        simulation.settle();
        assertThat(isolated(simulation).holds()).isTrue();
        assertThat(simulation.policy.getSpec().getEgress())
                .as("DNS and the Service")
                .hasSize(2);

        simulation.services = Map.of();
        simulation.settle();
        assertThat(simulation.pods).as("it runs on").hasSize(1);
        assertThat(isolated(simulation).reason()).isEqualTo(Reasons.SERVICE_NOT_FOUND);
        assertThat(simulation.policy.getSpec().getEgress()).as("DNS alone").hasSize(1);
    }

    private static io.agenttier.api.Condition isolated(Simulation simulation) {
        return Conditions.find(simulation.sandbox.statusOrEmpty().conditions(), Conditions.NETWORK_ISOLATED)
                .orElseThrow();
    }

    private static void assertProblem(Map<ServiceName, BackedService> services, String reason, String text) {
        var found = of(
                egress("{\"name\": \"db\"}") + ", \"ingressRules\": [{\"serviceRef\": {\"name\": \"db\"}}]", services);
        assertThat(found.egress()).isEmpty();
        assertThat(found.ingress()).isEmpty();
        assertThat(found.problem()).hasValueSatisfying(p -> {
            assertThat(p.reason()).isEqualTo(reason);
            assertThat(p.message()).contains("network.egressRules: ", "network.ingressRules: ", text);
        });
    }

    private static ServiceRules of(String rules, Map<ServiceName, BackedService> services) {
        return ServiceRules.of(
                Fixtures.effective(spec(rules)), "team1", services, ProtectedRanges.with(SETTINGS.protectedCidrs()));
    }

    private static io.agenttier.api.SandboxSpec spec(String rules) {
        return Fixtures.spec("{\"image\": {\"repository\": \"i\"}, \"network\": {" + rules + "}}");
    }

    private static String egress(String ref) {
        return "\"egressRules\": [{\"serviceRef\": " + ref + "}]";
    }

    private static BackedService service(String spec, V1EndpointSlice... slices) {
        return new BackedService(
                JSON.getGson().fromJson("{\"metadata\": {}, \"spec\": " + spec + "}", V1Service.class),
                List.of(slices));
    }

    private static V1EndpointSlice slice(String type, String ports, String... addresses) {
        var endpoints = Stream.of(addresses)
                .map(a -> "{\"addresses\": [\"" + a + "\"]}")
                .toList();
        return JSON.getGson()
                .fromJson(
                        "{\"metadata\": {}, \"addressType\": \"%s\", \"ports\": %s, \"endpoints\": %s}"
                                .formatted(type, ports, endpoints),
                        V1EndpointSlice.class);
    }
}
