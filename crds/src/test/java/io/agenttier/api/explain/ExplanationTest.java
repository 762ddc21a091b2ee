package io.agenttier.api.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Json;
import io.agenttier.api.RandomRecords;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateSpec;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.api.merge.TemplateName;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private static final TemplateSpec PUBLISHED = Json.decode(TemplateSpec.class, """
            {'resources': {'requests': {'cpu': '500m', 'memory': '1Gi'}, 'limits': {'cpu': '2', 'memory': '4Gi'}},
             'storage': {'size': '10Gi', 'mountPath': '/workspace'}, 'network': {'allowInternet': false}, 'timeout': '8h'}""");

    @Test
    void everyValueHasTheNearestLayerThatSaysSo() {
        var sandbox = Json.decode(
                SandboxSpec.class,
                "{'env': [{'name': 'B', 'value': '1'}], 'resources': {'limits': {'cpu': '100m'}}, 'autoResume': true}");
        var near = Json.decode(
                TemplateSpec.class,
                "{'env': [{'name': 'A', 'value': '1'}, {'name': 'B', 'value': '2'}], 'image': {'pullPolicy': 'Never'}, 'initScripts': ['true']}");
        var far = Json.decode(
                TemplateSpec.class,
                "{'image': {'repository': 'x', 'pullPolicy': 'Always'}, 'storage': {'mountPath': '/workspace'}, 'network': {'egressRules': [{'cidr': '10.0.0.0/8'}]}}");
        var explanation = Explanation.of(sandbox, "Sandbox team1/web", chain(near, far), PUBLISHED);
        assertThat(origins(explanation))
                .containsEntry("spec.env[A]", "SandboxTemplate team1/t0")
                .containsEntry("spec.env[B]", "Sandbox team1/web")
                .containsEntry("spec.autoResume", "Sandbox team1/web")
                .containsEntry("spec.image.repository", "SandboxTemplate team1/t1")
                .containsEntry("spec.image.pullPolicy", "SandboxTemplate team1/t0")
                .containsEntry("spec.initScripts[0]", "SandboxTemplate team1/t0")
                .containsEntry("spec.network.egressRules[0]", "SandboxTemplate team1/t1")
                .containsEntry("spec.storage.mountPath", "SandboxTemplate team1/t1")
                .containsEntry("spec.storage.size", "cluster default")
                .containsEntry("spec.timeout", "cluster default")
                .containsEntry("spec.resources.limits.memory", "cluster default")
                .containsEntry("spec.resources.limits.cpu", "Sandbox team1/web")
                .containsEntry("spec.resources.requests.cpu", "cluster default, lowered to the limit")
                .containsEntry("spec.mode", "built-in")
                .containsEntry("spec.harness.workingDir", "built-in");
    }

    @RepeatedTest(20)
    void nothingComesFromNowhere(RepetitionInfo repetition) {
        var records = new RandomRecords(new Random(repetition.getCurrentRepetition()), false);
        var chain = chain(records.next(TemplateSpec.class), records.next(TemplateSpec.class));
        var explanation = Explanation.of(records.next(SandboxSpec.class), "Sandbox", chain, PUBLISHED);
        assertThat(explanation.values())
                .filteredOn(value -> value.origin().equals(Explanation.BUILT_IN))
                .extracting(Explanation.Value::field)
                .isSubsetOf(
                        "spec.mode",
                        "spec.storage.ephemeral",
                        "spec.storage.shared",
                        "spec.network.allowPeerSandboxes",
                        "spec.harness.workingDir");
    }

    @RepeatedTest(20)
    void whatTheSandboxSaysItselfIsItsOwn(RepetitionInfo repetition) {
        var records = new RandomRecords(new Random(repetition.getCurrentRepetition()), false);
        var sandbox = records.next(SandboxSpec.class);
        var own = Explanation.of(sandbox, "Sandbox", TemplateChain.NONE, TemplateSpec.EMPTY);
        var below = Explanation.of(sandbox, "Sandbox", chain(records.next(TemplateSpec.class)), PUBLISHED);
        var origins = below.values().stream()
                .filter(value -> value.origin().equals("Sandbox"))
                .map(value -> Map.entry(value.field().replaceAll("\\[[0-9]+]$", ""), value.value()))
                .collect(Collectors.toSet());
        assertThat(origins)
                .containsAll(own.values().stream()
                        .filter(value -> value.origin().equals("Sandbox"))
                        .map(value -> Map.entry(value.field().replaceAll("\\[[0-9]+]$", ""), value.value()))
                        .toList());
    }

    @Test
    void aClusterThatPublishesNoDefaultsHasTheBuiltInOnes() {
        var explanation = Explanation.of(SandboxSpec.EMPTY, "Sandbox", TemplateChain.NONE, TemplateSpec.EMPTY);
        assertThat(origins(explanation).values()).containsOnly("built-in");
        assertThat(origins(explanation)).containsKey("spec.resources.limits.cpu");
    }

    private static Map<String, String> origins(Explanation explanation) {
        return explanation.values().stream()
                .collect(Collectors.toMap(Explanation.Value::field, Explanation.Value::origin));
    }

    private static TemplateChain chain(TemplateSpec... specs) {
        var links = java.util.stream.IntStream.range(0, specs.length)
                .mapToObj(i -> new TemplateChain.Link(
                        new TemplateName(TemplateKind.NAMESPACED, "team1", "t" + i), specs[i], "1"))
                .toList();
        return new TemplateChain(List.copyOf(links), new TemplateChain.End.Whole());
    }
}
