package io.agenttier.controller.plan;

import static io.agenttier.controller.plan.Fixtures.FRESH;
import static io.agenttier.controller.plan.Fixtures.SETTINGS;
import static io.agenttier.controller.plan.Fixtures.T0;
import static io.agenttier.controller.plan.Fixtures.sandbox;
import static io.agenttier.controller.plan.Fixtures.spec;
import static io.agenttier.controller.plan.Fixtures.world;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Condition;
import io.agenttier.api.Conditions;
import io.agenttier.api.Phase;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateOrigin;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.api.merge.TemplateChain.End;
import io.agenttier.api.merge.TemplateChain.Link;
import io.agenttier.api.merge.TemplateName;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceSpec;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class TemplatePlanTest {
    private static final SandboxSpec ASKED = spec("{\"templateRef\":{\"name\":\"t\"}}");

    @Test
    void missingTemplateIsShownAtOnceAndIsAnErrorAfterTheDeadline() {
        var missing =
                new TemplateChain(List.of(), new End.Missing(new TemplateName(TemplateKind.NAMESPACED, "team1", "t")));
        var shown = SandboxPlan.of(world(sandbox(ASKED, null), missing), T0.plusSeconds(1), FRESH, SETTINGS);
        assertThat(shown.status().phase()).isEqualTo("Creating");
        assertThat(shown.status().message())
                .isEqualTo("SandboxTemplate \"team1/t\" does not exist: create it or name another");
        assertThat(shown.again()).isEqualTo(Duration.ofSeconds(599));

        var later = sandbox(ASKED, shown.status());
        var failed = SandboxPlan.of(world(later, missing), T0.plusSeconds(601), FRESH, SETTINGS);
        assertThat(failed.status().phase()).isEqualTo("Error");
        assertThat(failed.status().stopped()).extracting("reason").isEqualTo("TemplateNotFound");

        var repaired = chain(namespaced("team1", "t", "7", "{\"image\":{\"repository\":\"i\"}}"));
        var begun = SandboxPlan.of(world(later, repaired), T0.plusSeconds(300), FRESH, SETTINGS);
        assertThat(begun.status().incarnation()).isEqualTo(FRESH);
        assertThat(begun.status().templateResourceVersion()).isEqualTo("7");
    }

    @Test
    void everyTemplateOfTheChainIsRecordedAndGivesItsPart() {
        var chain = chain(
                namespaced("team1", "t", "7", "{\"harness\":{\"workingDir\":\"/srv\"}}"),
                cluster("base", "3", "{\"image\":{\"repository\":\"i\"},\"runtimeClass\":\"gvisor\"}"));
        var world = world(sandbox(ASKED, null), chain);
        var status = SandboxPlan.of(world, T0, FRESH, SETTINGS).status();
        assertThat(status.resolvedTemplate()).isEqualTo("t");
        assertThat(status.templateResourceVersion()).isEqualTo("7");
        assertThat(status.templateChain())
                .containsExactly(
                        new TemplateOrigin("SandboxTemplate", "team1", "t", "7"),
                        new TemplateOrigin("ClusterSandboxTemplate", null, "base", "3"));
        assertThat(condition(status.conditions()).message())
                .isEqualTo("SandboxTemplate \"team1/t\" -> ClusterSandboxTemplate \"base\" were found");
        assertThat(Needs.of(world.sandbox(), chain, List.of(), null, false, SETTINGS)
                        .runtimeClass())
                .isEqualTo("gvisor");
    }

    @Test
    void templateOfAnotherNamespaceTakesNothingFromThisOneWhereverInTheChainItStands() {
        var chain = chain(
                namespaced("team1", "t", "7", "{\"image\":{\"repository\":\"i\",\"pullSecret\":\"mine\"}}"),
                namespaced("other", "parent", "8", "{\"serviceAccount\":\"robot\"}"));
        var plan = SandboxPlan.of(world(sandbox(ASKED, null), chain), T0, FRESH, SETTINGS);
        assertThat(plan.stages()).isEmpty();
        var resolved = condition(plan.status().conditions());
        assertThat(resolved.reason()).isEqualTo("Forbidden");
        assertThat(resolved.message())
                .isEqualTo(
                        "SandboxTemplate \"other/parent\" of another namespace names objects of this one in spec.serviceAccount:"
                                + " use a template of this namespace for that");
    }

    @Test
    void templateThatCameToGiveMoreStartsNothingForWhoMayNotUseIt() {
        var asked = spec("{\"templateRef\":{\"name\":\"t\"},\"createdBy\":{\"sub\":\"eve\",\"groups\":[\"people\"]}}");
        var chain = chain(
                namespaced("team1", "t", "7", "{}"),
                cluster("base", "4", "{\"image\":{\"repository\":\"i\"},\"security\":{\"privileged\":true}}"));
        var world = world(sandbox(asked, null), chain);
        assertThat(Needs.of(world.sandbox(), chain, List.of(), null, false, SETTINGS)
                        .uses())
                .containsExactly("base");
        assertThat(Resolution.of(world, SETTINGS)).as("its maker may use it").isInstanceOf(Resolution.Resolved.class);

        var plan = SandboxPlan.of(world.denying(Set.of("base")), T0, FRESH, SETTINGS);
        assertThat(plan.stages()).isEmpty();
        var resolved = condition(plan.status().conditions());
        assertThat(resolved.reason()).isEqualTo("Forbidden");
        assertThat(resolved.message())
                .isEqualTo(
                        "ClusterSandboxTemplate \"base\" is privileged, and \"eve\", who made the sandbox, may not use it:"
                                + " grant verb use on it in the whole cluster, or make the sandbox from another template");
        assertThat(plan.again()).as("a right that is granted is seen").isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aRightIsAskedForWheneverAPodMayBeMadeAndNotWhileOneRuns() {
        var simulation = new Simulation(ASKED);
        simulation.templates =
                chain(cluster("t", "3", "{\"image\":{\"repository\":\"i\"},\"serviceAccount\":\"robot\"}"));
        simulation.settle();
        assertThat(simulation.pods).hasSize(1);
        assertThat(uses(simulation)).isEmpty();
        Objects.requireNonNull(simulation.pods.getFirst().getMetadata()).deletionTimestamp(T0.atOffset(ZoneOffset.UTC));
        assertThat(uses(simulation)).as("a successor beside one that is stuck").containsExactly("t");
        simulation.pods.clear();
        assertThat(uses(simulation)).containsExactly("t");
    }

    private static List<String> uses(Simulation simulation) {
        return Needs.of(simulation.sandbox, simulation.templates, simulation.pods, simulation.policy, false, SETTINGS)
                .uses();
    }

    @Test
    void protectedRangesOpenForAnyTemplateOfTheClusterButNotForWhatLiesAboveIt() {
        var opening =
                "{\"image\":{\"repository\":\"i\"},\"network\":{\"egressRules\":[{\"cidr\":\"203.0.113.0/28\"}]}}";
        var byCluster = chain(namespaced("team1", "t", "7", "{}"), cluster("base", "3", opening));
        assertThat(Resolution.of(world(sandbox(ASKED, null), byCluster), SETTINGS))
                .isInstanceOf(Resolution.Resolved.class);
        var byNamespace = chain(namespaced("team1", "t", "7", opening), cluster("base", "3", opening));
        assertThat(Resolution.of(world(sandbox(ASKED, null), byNamespace), SETTINGS))
                .isInstanceOf(Resolution.Blocked.class);
    }

    @Test
    void editOfAParentIsToldAndNeverReachesARunningPod() {
        var simulation = new Simulation(ASKED);
        var parent = "{\"image\":{\"repository\":\"i\"},\"network\":{\"allowInternet\":%s}}";
        simulation.templates =
                chain(namespaced("team1", "t", "7", "{}"), cluster("base", "3", parent.formatted("false")));
        simulation.settle();
        assertThat(simulation.sandbox.statusOrEmpty().phase()).isEqualTo(Phase.RUNNING.wire());
        var policy = simulation.policy;

        simulation.templates =
                chain(namespaced("team1", "t", "7", "{}"), cluster("base", "4", parent.formatted("true")));
        simulation.settle();
        assertThat(simulation.policy).isEqualTo(policy);
        assertThat(simulation.sandbox.statusOrEmpty().templateChain().getLast().resourceVersion())
                .isEqualTo("3");
        assertThat(Conditions.find(simulation.sandbox.statusOrEmpty().conditions(), Conditions.READY)
                        .orElseThrow()
                        .message())
                .isEqualTo("the sandbox is ready; changes of the template act at its next start");
    }

    @Test
    void rulesOfAStartFollowTheirServicesAfterTheTemplateWasEditedOrDeleted() {
        var simulation = new Simulation(ASKED);
        var named =
                "{\"image\":{\"repository\":\"i\"},\"network\":{\"egressRules\":[{\"serviceRef\":{\"name\":\"%s\"}}]}}";
        simulation.services = Map.of(new ServiceName("team1", "db"), service("one"));
        simulation.templates = chain(namespaced("team1", "t", "7", named.formatted("db")));
        simulation.settle();
        assertThat(podsThatMayBeReached(simulation)).containsExactly("one");

        simulation.templates = chain(namespaced("team1", "t", "8", named.formatted("other")));
        simulation.services = Map.of(
                new ServiceName("team1", "db"), service("two"), new ServiceName("team1", "other"), service("other"));
        assertThat(Needs.of(
                                simulation.sandbox,
                                simulation.templates,
                                simulation.pods,
                                simulation.policy,
                                false,
                                SETTINGS)
                        .services())
                .as("both are watched")
                .hasSize(2);
        simulation.settle();
        assertThat(podsThatMayBeReached(simulation)).containsExactly("two");

        simulation.templates =
                new TemplateChain(List.of(), new End.Missing(new TemplateName(TemplateKind.NAMESPACED, "team1", "t")));
        simulation.services = Map.of();
        simulation.settle();
        assertThat(podsThatMayBeReached(simulation)).isEmpty();
        assertThat(simulation.pods).as("it runs on").hasSize(1);
    }

    private static BackedService service(String app) {
        return new BackedService(new V1Service().spec(new V1ServiceSpec().putSelectorItem("app", app)), List.of());
    }

    /** Values of label {@code app} that egress rules select. */
    private static List<String> podsThatMayBeReached(Simulation simulation) {
        return simulation.policy.getSpec().getEgress().stream()
                .flatMap(rule -> rule.getTo().stream())
                .filter(peer -> peer.getPodSelector() != null)
                .flatMap(peer ->
                        Stream.ofNullable(peer.getPodSelector().getMatchLabels().get("app")))
                .toList();
    }

    private static Condition condition(List<Condition> conditions) {
        return Conditions.find(conditions, Conditions.TEMPLATE_RESOLVED).orElseThrow();
    }

    static TemplateChain chain(Link... links) {
        return new TemplateChain(List.of(links), new End.Whole());
    }

    static Link namespaced(String namespace, String name, String version, String spec) {
        return new Link(new TemplateName(TemplateKind.NAMESPACED, namespace, name), Fixtures.template(spec), version);
    }

    private static Link cluster(String name, String version, String spec) {
        return new Link(new TemplateName(TemplateKind.CLUSTER, "", name), Fixtures.template(spec), version);
    }
}
