package io.agenttier.controller.plan;

import static io.agenttier.controller.plan.Fixtures.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Network;
import io.agenttier.api.NetworkPort;
import io.agenttier.api.NetworkRule;
import io.agenttier.api.network.Cidr;
import io.agenttier.api.network.ProtectedRanges;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@org.jspecify.annotations.NullUnmarked
class NetworkDecisionsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0",
                "10.0.0.0/33",
                "localhost/8",
                "10/8",
                "1.2.3/24",
                "::/129",
                "fe80::1%eth0/64",
                "/8",
                "0x7f.0.0.1/8",
                ""
            })
    void textThatIsNoRangeIsRefusedWithoutALookup(String text) {
        assertThat(Cidr.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255/32, true",
        "10.0.0.0/8, 11.0.0.0/32, false",
        "10.1.2.3/8, 10.0.0.0/9, true",
        "10.0.0.0/9, 10.0.0.0/8, false",
        "::/0, 10.0.0.0/8, false",
        "fe80::/10, febf::1/128, true",
        "0.0.0.0/0, 0.0.0.0/0, true"
    })
    void containment(String outer, String inner, boolean contained) {
        assertThat(Cidr.of(outer).contains(Cidr.of(inner))).isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(strings = {"169.254.169.254/32", "169.254.0.0/16", "fe80::/64", "168.63.129.16/32", "203.0.113.7/32"})
    void onlyAClusterTemplateOpensProtectedRanges(String range) {
        assertThat(NetworkRuleCheck.problems(egress(range), false, SETTINGS.protectedCidrs()))
                .singleElement()
                .asString()
                .contains(range)
                .contains("only a ClusterSandboxTemplate may open");
        assertThat(NetworkRuleCheck.problems(egress(range), true, SETTINGS.protectedCidrs()))
                .isEmpty();
    }

    @Test
    void widerRangeKeepsProtectedOnesOutAndAnEqualOneIsNotCutToNothing() {
        assertThat(ProtectedRanges.with(SETTINGS.protectedCidrs()).within(Cidr.of("168.0.0.0/8")))
                .extracting(Cidr::text)
                .containsExactly("168.63.129.16/32");
        assertThat(ProtectedRanges.with(SETTINGS.protectedCidrs()).within(Cidr.of("168.63.129.16/32")))
                .isEmpty();
    }

    @Test
    void nobodyOpensTheDaemonsPort() {
        assertThat(NetworkRuleCheck.problems(ingress(9000, null), true, List.of()))
                .hasSize(1);
        assertThat(NetworkRuleCheck.problems(ingress(9000, "UDP"), true, List.of()))
                .isEmpty();
        assertThat(NetworkRuleCheck.problems(ingress(9001, "TCP"), true, List.of()))
                .isEmpty();
    }

    @Test
    void garbageInARuleIsNamed() {
        assertThat(NetworkRuleCheck.problems(egress("10.0.0.0/99"), false, List.of()))
                .containsExactly(
                        "network.egressRules: \"10.0.0.0/99\" is no range of addresses, expected for example 203.0.113.0/24");
    }

    private static Network egress(String range) {
        return new Network(null, List.of(new NetworkRule(range, null, List.of())), List.of(), List.of(), null, null);
    }

    private static Network ingress(int port, @Nullable String protocol) {
        var rule = new NetworkRule("192.0.2.0/24", null, List.of(new NetworkPort(protocol, port)));
        return new Network(null, List.of(), List.of(rule), List.of(), null, null);
    }

    @Test
    void deniedDestinationsAreCutOutOfWhateverIsAllowed() {
        var spec = Fixtures.spec("""
                {"image": {"repository": "i"}, "network": {"allowInternet": true, "egressRules": [{"cidr": "10.1.2.0/24"}, {"cidr": "10.9.0.0/16"}]},
                 "harness": {"constraints": {"allowedNetworkDests": ["10.7.0.1"], "deniedNetworkDests": ["198.51.100.7", "10.1.0.0/16", "10.9.1.0/24"]}}}""");
        var policy = Fixtures.policy(spec, SETTINGS);
        var blocks = policy.getSpec().getEgress().stream()
                .flatMap(rule -> rule.getTo().stream())
                .map(io.kubernetes.client.openapi.models.V1NetworkPolicyPeer::getIpBlock)
                .filter(java.util.Objects::nonNull)
                .toList();
        assertThat(blocks)
                .extracting(io.kubernetes.client.openapi.models.V1IPBlock::getCidr)
                .containsExactly("169.254.20.10/32", "0.0.0.0/0", "::/0", "10.9.0.0/16", "10.7.0.1/32");
        assertThat(blocks.get(1).getExcept()).contains("198.51.100.7/32");
        assertThat(blocks.get(3).getExcept()).containsExactly("10.9.1.0/24");
    }

    @Test
    void noInternetIsLeftWhereAllOfItIsDenied() {
        var spec = Fixtures.spec("""
                {"image": {"repository": "i"}, "network": {"allowInternet": true},
                 "harness": {"constraints": {"deniedNetworkDests": ["0.0.0.0/0", "::/0"]}}}""");
        var policy = Fixtures.policy(spec, SETTINGS);
        assertThat(policy.getSpec().getEgress()).as("DNS alone").hasSize(1);
    }

    @Test
    void aDestinationThatIsANameOrProtectedStartsNothing() {
        for (var destinations : List.of(
                "\"deniedNetworkDests\": [\"example.test\"]", "\"allowedNetworkDests\": [\"169.254.169.254\"]")) {
            var spec = Fixtures.spec(
                    "{\"image\": {\"repository\": \"i\"}, \"harness\": {\"constraints\": {" + destinations + "}}}");
            assertThat(Resolution.of(Fixtures.world(Fixtures.sandbox(spec, null)), SETTINGS))
                    .as(destinations)
                    .isInstanceOfSatisfying(
                            Resolution.Blocked.class,
                            b -> assertThat(b.condition()).isEqualTo(io.agenttier.api.Conditions.NETWORK_ISOLATED));
        }
    }
}
