package io.agenttier.api.merge;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Agent;
import io.agenttier.api.EnvVar;
import io.agenttier.api.Json;
import io.agenttier.api.Mode;
import io.agenttier.api.NetworkRule;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.TemplateSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MergeTest {
    @Test
    void aSandboxThatSaysNothingGetsTheDefaultsOfTheCluster() {
        var effective = effective("{}", null);
        assertThat(effective.mode()).isEqualTo(Mode.CODE);
        assertThat(effective.storageSize()).isEqualTo("10Gi");
        assertThat(effective.mountPath()).isEqualTo("/workspace");
        assertThat(effective.workingDir()).isEqualTo("/workspace");
        assertThat(effective.allowInternet()).isFalse();
        assertThat(effective.resources()).isEqualTo(ClusterDefaults.BUILT_IN.resources());
    }

    @Test
    void falseZeroAndTheEmptyTextOverrideTheTemplate() {
        var effective = effective(
                "{'network': {'allowInternet': false}, 'timeout': '0', 'storage': {'storageClass': ''}}",
                "{'network': {'allowInternet': true}, 'timeout': '8h', 'storage': {'storageClass': 'fast'}}");
        assertThat(effective.allowInternet()).isFalse();
        assertThat(effective.spec().timeout()).isEqualTo("0");
        assertThat(effective.spec().storage()).extracting("storageClass").isEqualTo("");
    }

    @Test
    void timeoutsComeFromTheNearestLayerThatHasThemAndWhatIsBelowTheSandboxIsKnown() {
        var defaults =
                new ClusterDefaults(ClusterDefaults.BUILT_IN.resources(), "10Gi", "/workspace", false, "8h", "1h");
        var template = Json.decode(TemplateSpec.class, "{\"timeout\": \"2h\"}");
        var effective = Merge.effective(Json.decode(SandboxSpec.class, "{\"idleTimeout\": \"0\"}"), template, defaults);
        assertThat(effective.spec().timeout()).isEqualTo("2h");
        assertThat(effective.spec().idleTimeout()).isEqualTo("0");
        assertThat(effective.inheritedTimeout()).isEqualTo("2h");
        assertThat(effective.inheritedIdleTimeout()).isEqualTo("1h");
        assertThat(effective("{}", null).spec().timeout())
                .as("absent everywhere is endless")
                .isNull();
    }

    @Test
    void objectsMergeLeafByLeaf() {
        var effective = effective(
                "{'image': {'pullPolicy': 'Never'}}", "{'image': {'repository': 'busybox', 'pullPolicy': 'Always'}}");
        assertThat(effective.spec().image())
                .hasToString("Image[repository=busybox, pullPolicy=Never, pullSecret=null]");
    }

    @Test
    void environmentVariablesReplaceThoseOfTheirNameAndKeepTheOrderOfTheTemplate() {
        var effective = effective(
                "{'env': [{'name': 'C', 'value': '3'}, {'name': 'A', 'valueFrom': {'secretKeyRef': {'name': 's', 'key': 'k'}}}]}",
                "{'env': [{'name': 'A', 'value': '1'}, {'name': 'B', 'value': '2'}]}");
        assertThat(effective.spec().env()).extracting(EnvVar::name).containsExactly("A", "B", "C");
        assertThat(effective.spec().env().getFirst().value()).isNull();
    }

    @Test
    void networkRulesReplaceThoseOfTheTemplateAsAWhole() {
        var effective = effective(
                "{'network': {'egressRules': [{'cidr': '10.0.0.0/8'}]}}",
                "{'network': {'egressRules': [{'cidr': '192.0.2.0/24'}], 'ingressRules': [{'cidr': '198.51.100.0/24'}]}}");
        var network = effective.network();
        assertThat(network.egressRules()).extracting(NetworkRule::cidr).containsExactly("10.0.0.0/8");
        assertThat(network.ingressRules()).extracting(NetworkRule::cidr).containsExactly("198.51.100.0/24");
    }

    @Test
    void guardRailsOfAllLayersAddUp() {
        var effective = effective(
                "{'harness': {'constraints': {'restrictedCommands': ['rm', 'dd'], 'allowedNetworkDests': ['a']}}}",
                "{'harness': {'constraints': {'restrictedCommands': ['curl', 'rm'], 'allowedNetworkDests': ['b']}}}");
        var constraints =
                requireNonNull(requireNonNull(effective.spec().harness()).constraints());
        assertThat(constraints.restrictedCommands()).containsExactly("curl", "rm", "dd");
        assertThat(constraints.allowedNetworkDests()).containsExactly("a");
    }

    @Test
    void aDefaultRequestIsLoweredToASmallLimitButAnExplicitOneIsKept() {
        var small = effective("{'resources': {'limits': {'cpu': '100m', 'memory': '64Mi'}}}", null)
                .resources();
        assertThat(small.requests()).containsExactlyInAnyOrderEntriesOf(Map.of("cpu", "100m", "memory", "64Mi"));
        var wrong = effective("{'image': {'repository': 'x'}, 'resources': {'requests': {'cpu': '3'}}}", null);
        assertThat(EffectiveRules.check(wrong))
                .singleElement()
                .extracting("path", "value")
                .containsExactly("spec.resources.requests.cpu", "3");
    }

    @Test
    void initScriptsAndTheWorkingFolderComeFromTheTemplate() {
        var effective = effective(
                "{'storage': {'mountPath': '/home'}}",
                "{'initScripts': ['a', 'b', 'a'], 'harness': {'workingDir': '/srv'}}");
        assertThat(effective.initScripts()).containsExactly("a", "b");
        assertThat(effective.workingDir()).isEqualTo("/srv");
        assertThat(effective.mountPath()).isEqualTo("/home");
    }

    @Test
    void onlyAgentModeHasAContractAndThereItIsNeverAbsent() {
        var template = "{'mode': 'agent', 'harness': {'agent': {'entrypoint': ['run'], 'workingDir': '/srv'}}}";
        var agent = requireNonNull(effective("{'harness': {'agent': {'entrypoint': ['mine']}}}", template)
                .agent());
        assertThat(agent.entrypoint()).containsExactly("mine");
        assertThat(agent.workingDir()).isEqualTo("/srv");
        assertThat(effective("{'mode': 'agent'}", null).agent()).isEqualTo(Agent.EMPTY);
        assertThat(effective("{'mode': 'code'}", template).agent()).isNull();
    }

    @Test
    void fieldsOfTheSandboxAloneStayAsTheyAre() {
        var spec = Json.decode(
                SandboxSpec.class, "{'powerState': 'Stopped', 'templateRef': {'name': 't'}, 'autoResume': true}");
        var effective = Merge.effective(spec, TemplateSpec.EMPTY, ClusterDefaults.BUILT_IN)
                .spec();
        assertThat(effective.powerState()).isEqualTo("Stopped");
        assertThat(effective.templateRef()).isEqualTo(spec.templateRef());
        assertThat(effective.autoResume()).isTrue();
    }

    static EffectiveSpec effective(String sandbox, @Nullable String template) {
        var layer = template == null ? null : Json.decode(TemplateSpec.class, template);
        return Merge.effective(Json.decode(SandboxSpec.class, sandbox), layer, ClusterDefaults.BUILT_IN);
    }
}
