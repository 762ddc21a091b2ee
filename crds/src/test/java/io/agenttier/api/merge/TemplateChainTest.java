package io.agenttier.api.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Json;
import io.agenttier.api.RandomRecords;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateOrigin;
import io.agenttier.api.TemplateRef;
import io.agenttier.api.TemplateSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TemplateChainTest {
    private final Map<TemplateName, TemplateSpec> stored = new HashMap<>();

    @Test
    void aReferenceWithoutNamespaceMeansThatOfTheTemplateThatHasIt() {
        namespaced("team1", "a", "{'inheritsFrom': {'name': 'b', 'namespace': 'team2'}}");
        namespaced("team2", "b", "{'inheritsFrom': {'name': 'c'}}");
        namespaced("team2", "c", "{'inheritsFrom': {'kind': 'ClusterSandboxTemplate', 'name': 'd'}}");
        cluster("d", "{'inheritsFrom': {'name': 'e'}}");
        cluster("e", "{}");
        var chain = follow("a");
        assertThat(chain.problem()).isEmpty();
        assertThat(chain.origins())
                .containsExactly(
                        new TemplateOrigin("SandboxTemplate", "team1", "a", "7"),
                        new TemplateOrigin("SandboxTemplate", "team2", "b", "7"),
                        new TemplateOrigin("SandboxTemplate", "team2", "c", "7"),
                        new TemplateOrigin("ClusterSandboxTemplate", null, "d", "7"),
                        new TemplateOrigin("ClusterSandboxTemplate", null, "e", "7"));
    }

    @Test
    void aSandboxWithoutTemplateHasAnEmptyChain() {
        assertThat(TemplateChain.<RuntimeException>follow(null, "team1", name -> Optional.empty()))
                .isEqualTo(TemplateChain.NONE);
        assertThat(TemplateChain.NONE.layer()).isEqualTo(TemplateSpec.EMPTY);
    }

    @Test
    void aMissingTemplateIsNamedWithThePathToIt() {
        assertProblem("TemplateNotFound", "SandboxTemplate \"team1/a\" does not exist: create it or name another");
        namespaced("team1", "a", "{'inheritsFrom': {'name': 'b'}}");
        namespaced("team1", "b", "{'inheritsFrom': {'kind': 'ClusterSandboxTemplate', 'name': 'c'}}");
        assertProblem(
                "TemplateNotFound",
                "SandboxTemplate \"team1/a\" -> SandboxTemplate \"team1/b\" -> ClusterSandboxTemplate \"c\" does not exist:"
                        + " create it or correct spec.inheritsFrom of SandboxTemplate \"team1/b\"");
        assertThat(follow("a").dependsOn(new TemplateName(TemplateKind.CLUSTER, "", "c")))
                .isTrue();
        assertThat(follow("a").dependsOn(new TemplateName(TemplateKind.NAMESPACED, "team1", "c")))
                .isFalse();
    }

    @Test
    void aCycleIsShownAsFarAsItsFirstTemplate() {
        namespaced("team1", "a", "{'inheritsFrom': {'name': 'b'}}");
        namespaced("team1", "b", "{'inheritsFrom': {'name': 'b'}}");
        assertProblem(
                "CycleDetected",
                "SandboxTemplate \"team1/a\" -> SandboxTemplate \"team1/b\" -> SandboxTemplate \"team1/b\" is a cycle:"
                        + " remove spec.inheritsFrom of one of them");
    }

    @Test
    void tenTemplatesInARowAreAllowedAndElevenAreNot() {
        IntStream.range(0, 10)
                .forEach(i -> namespaced("team1", "t" + i, "{'inheritsFrom': {'name': 't%d'}}".formatted(i + 1)));
        assertThat(follow("t0").end())
                .isEqualTo(new TemplateChain.End.TooLong(new TemplateName(TemplateKind.NAMESPACED, "team1", "t10")));
        assertThat(follow("t0").problem().orElseThrow().message())
                .endsWith(
                        "-> SandboxTemplate \"team1/t10\" are more than 10 templates in a row: let them inherit from fewer");
        namespaced("team1", "t9", "{}");
        assertThat(follow("t0").problem()).isEmpty();
        assertThat(follow("t0").links()).hasSize(10);
    }

    @Test
    void aTemplateOfTheClusterTakesNothingFromOneOfANamespace() {
        namespaced("team1", "a", "{'inheritsFrom': {'kind': 'ClusterSandboxTemplate', 'name': 'b'}}");
        cluster("b", "{'inheritsFrom': {'kind': 'SandboxTemplate', 'name': 'c', 'namespace': 'team1'}}");
        namespaced("team1", "c", "{}");
        assertProblem(
                "InvalidTemplate",
                "SandboxTemplate \"team1/a\" -> ClusterSandboxTemplate \"b\" -> SandboxTemplate \"team1/c\":"
                        + " a ClusterSandboxTemplate inherits from a ClusterSandboxTemplate only:"
                        + " correct spec.inheritsFrom of ClusterSandboxTemplate \"b\"");
    }

    @RepeatedTest(20)
    void theLayerOfAChainIsTheSameWhereverItIsCut(RepetitionInfo repetition) {
        var records = new RandomRecords(new Random(repetition.getCurrentRepetition()), false);
        var links = IntStream.range(0, 5)
                .mapToObj(i -> new TemplateChain.Link(
                        new TemplateName(TemplateKind.CLUSTER, "", "t" + i), records.next(TemplateSpec.class), null))
                .toList();
        var whole = new TemplateChain(links, new TemplateChain.End.Whole()).layer();
        for (var cut = 0; cut <= links.size(); cut++) {
            var near = new TemplateChain(links.subList(0, cut), new TemplateChain.End.Whole()).layer();
            var far = new TemplateChain(links.subList(cut, links.size()), new TemplateChain.End.Whole()).layer();
            assertThat(Merge.overlay(near, far)).isEqualTo(whole);
        }
    }

    private void assertProblem(String reason, String message) {
        assertThat(follow("a").problem()).contains(new TemplateChain.Problem(reason, message));
    }

    private TemplateChain follow(String name) {
        return TemplateChain.<RuntimeException>follow(
                new TemplateRef(name, null, null),
                "team1",
                asked -> Optional.ofNullable(stored.get(asked)).map(spec -> new TemplateChain.Link(asked, spec, "7")));
    }

    private void namespaced(String namespace, String name, String spec) {
        stored.put(new TemplateName(TemplateKind.NAMESPACED, namespace, name), Json.decode(TemplateSpec.class, spec));
    }

    private void cluster(String name, String spec) {
        stored.put(new TemplateName(TemplateKind.CLUSTER, "", name), Json.decode(TemplateSpec.class, spec));
    }
}
