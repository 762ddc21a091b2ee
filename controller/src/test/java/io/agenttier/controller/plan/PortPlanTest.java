package io.agenttier.controller.plan;

import static io.agenttier.controller.plan.Fixtures.SETTINGS;
import static io.agenttier.controller.plan.Fixtures.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Conditions;
import io.agenttier.api.ForwardedPort;
import io.agenttier.api.Labels;
import io.agenttier.api.PowerState;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxStatus;
import io.agenttier.api.port.PreviewHosts;
import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.openapi.models.V1NetworkPolicyIngressRule;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1OwnerReference;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServicePort;
import io.kubernetes.client.openapi.models.V1ServiceSpec;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class PortPlanTest {
    private static final String BOTH = ports("{\"port\":8080},{\"port\":5432,\"protocol\":\"tcp\",\"name\":\"db\"}");
    private static final ClusterSettings PREVIEWING = Fixtures.settings(
            SETTINGS.dns(),
            new Previews(
                    PreviewHosts.of("preview.example.com", PreviewHosts.DEFAULT_TEMPLATE)
                            .orElseThrow(),
                    "nginx",
                    Map.of("example.com/auth", "on"),
                    new Peers("ingress", Map.of("app", "nginx"), List.of("192.0.2.1/32"))));

    private final List<Transitions.Note> notes = new ArrayList<>();

    @Test
    void eachPortHasAServiceOfItsOwnFromTheStart() {
        var simulation = settled(BOTH, SETTINGS);
        assertThat(simulation.portServices).containsOnlyKeys("pf-hello-8080", "pf-hello-5432");
        assertThat(simulation.portIngresses).isEmpty();
        var service = simulation.portServices.get("pf-hello-5432");
        assertThat(service.getMetadata().getLabels())
                .containsEntry(Labels.SANDBOX, "hello")
                .containsEntry(Labels.PORT_FORWARD, "true")
                .containsEntry(Labels.PORT, "5432");
        assertThat(Owned.by(simulation.sandbox, service.getMetadata())).isTrue();
        assertThat(service.getSpec().getType()).isEqualTo("ClusterIP");
        assertThat(service.getSpec().getSelector()).containsExactly(Map.entry(Labels.SANDBOX, "hello"));
        assertThat(simulation.pods.getFirst().getMetadata().getLabels())
                .as("what the Service selects")
                .containsEntry(Labels.SANDBOX, "hello");
        assertThat(service.getSpec().getPorts())
                .containsExactly(new V1ServicePort()
                        .name("db")
                        .protocol("TCP")
                        .port(5432)
                        .targetPort(new IntOrString(5432)));
        assertThat(status(simulation).forwardedPorts())
                .containsExactly(
                        new ForwardedPort(5432, "tcp", "tcp://pf-hello-5432.team1.svc:5432", null),
                        new ForwardedPort(8080, "http", "http://pf-hello-8080.team1.svc:8080", null));
        assertThat(condition(simulation)).isEqualTo("True Forwarded");
        assertThat(events()).containsExactlyInAnyOrder("PortForwarded 5432", "PortForwarded 8080");
    }

    @Test
    void httpPortsHavePreviewsAndTheControllerOfIngressesReachesThem() {
        var simulation = settled(BOTH, PREVIEWING);
        assertThat(simulation.portIngresses).containsOnlyKeys("pf-hello-8080");
        var ingress = simulation.portIngresses.get("pf-hello-8080");
        assertThat(ingress.getMetadata().getAnnotations()).containsEntry("example.com/auth", "on");
        assertThat(ingress.getSpec().getIngressClassName()).isEqualTo("nginx");
        assertThat(ingress.getSpec().getRules()).hasSize(1);
        assertThat(ingress.getSpec().getRules().getFirst().getHost())
                .isEqualTo("sandbox-hello-8080-57601e2c28.preview.example.com");
        assertThat(status(simulation).forwardedPorts().getLast().previewUrl())
                .isEqualTo("http://sandbox-hello-8080-57601e2c28.preview.example.com");
        assertThat(status(simulation).forwardedPorts().getFirst().previewUrl()).isNull();
        assertThat(previewRules(simulation)).singleElement().satisfies(rule -> {
            assertThat(rule.getFrom()).hasSize(2);
            assertThat(rule.getPorts()).containsExactly(PolicyPorts.tcp(8080));
        });
        assertThat(events()).containsExactlyInAnyOrder("PortForwarded 5432", "PortForwarded 8080");
    }

    @Test
    void nobodyReachesAPortWithoutPreviewsOrWithoutSomebodyNamed() {
        assertThat(previewRules(settled(BOTH, SETTINGS))).isEmpty();
        var nobody = new Previews(PREVIEWING.previews().hosts(), "", Map.of(), Peers.NONE);
        assertThat(previewRules(settled(BOTH, Fixtures.settings(SETTINGS.dns(), nobody))))
                .isEmpty();
        assertThat(previewRules(settled(ports("{\"port\":1,\"protocol\":\"tcp\"}"), PREVIEWING)))
                .isEmpty();
    }

    @Test
    void portsOutliveAStopAndEndWithTheirDeclaration() {
        var simulation = settled(BOTH, PREVIEWING);
        var forwarded = status(simulation).forwardedPorts();
        notes.clear();
        simulation.power(PowerState.STOPPED);
        simulation.settle();
        assertThat(status(simulation).phase()).isEqualTo("Stopped");
        assertThat(status(simulation).forwardedPorts()).isEqualTo(forwarded);
        assertThat(simulation.portServices).hasSize(2);
        simulation.power(PowerState.RUNNING);
        simulation.settle();
        assertThat(status(simulation).forwardedPorts()).isEqualTo(forwarded);
        assertThat(events()).isEmpty();

        simulation.spec(spec(ports("{\"port\":5432,\"protocol\":\"tcp\"}")));
        simulation.settle();
        assertThat(simulation.portServices).containsOnlyKeys("pf-hello-5432");
        assertThat(simulation.portIngresses).isEmpty();
        assertThat(events()).containsExactly("PortRemoved 8080");

        simulation.spec(spec(ports("")));
        simulation.settle();
        assertThat(simulation.portServices).isEmpty();
        assertThat(status(simulation).forwardedPorts()).isEmpty();
        assertThat(condition(simulation)).isEqualTo("absent");
        assertThat(events()).containsExactly("PortRemoved 8080", "PortRemoved 5432");
    }

    @Test
    void anotherProtocolTakesThePreviewAway() {
        var simulation = settled(BOTH, PREVIEWING);
        notes.clear();
        simulation.spec(spec(ports("{\"port\":8080,\"protocol\":\"tcp\"},{\"port\":5432,\"protocol\":\"tcp\"}")));
        simulation.settle();
        assertThat(simulation.portIngresses).isEmpty();
        assertThat(status(simulation).forwardedPorts().getLast())
                .isEqualTo(new ForwardedPort(8080, "tcp", "tcp://pf-hello-8080.team1.svc:8080", null));
        assertThat(events()).isEmpty();
    }

    @Test
    void whatSomebodyEditedIsCorrectedAndItsAddressStays() {
        var simulation = settled(BOTH, PREVIEWING);
        var service = simulation.portServices.get("pf-hello-8080");
        service.getMetadata().putAnnotationsItem("cloud", "noted");
        service.getSpec()
                .clusterIP("10.0.0.7")
                .externalIPs(List.of("198.51.100.1"))
                .putSelectorItem("app", "other")
                .setPorts(List.of(service.getSpec().getPorts().getFirst(), new V1ServicePort().port(22)));
        var ingress = simulation.portIngresses.get("pf-hello-8080");
        ingress.getMetadata().putAnnotationsItem("example.com/auth", "off");
        ingress.getSpec().getRules().getFirst().host("mine.example.com");
        simulation.settle();

        var corrected = simulation.portServices.get("pf-hello-8080");
        assertThat(corrected.getSpec().getSelector()).containsExactly(Map.entry(Labels.SANDBOX, "hello"));
        assertThat(corrected.getSpec().getPorts()).hasSize(1);
        assertThat(corrected.getSpec().getExternalIPs()).isNullOrEmpty();
        assertThat(corrected.getSpec().getClusterIP()).isEqualTo("10.0.0.7");
        assertThat(corrected.getMetadata().getAnnotations()).containsEntry("cloud", "noted");
        assertThat(corrected.getMetadata().getResourceVersion()).isEqualTo("1");
        var shown = simulation.portIngresses.get("pf-hello-8080");
        assertThat(shown.getMetadata().getAnnotations()).containsEntry("example.com/auth", "on");
        assertThat(shown.getSpec().getRules().getFirst().getHost()).startsWith("sandbox-hello-8080-");
    }

    @ParameterizedTest
    @ValueSource(strings = {"LoadBalancer", "NodePort", "ExternalName"})
    void anotherTypeIsTakenBack(String type) {
        var simulation = settled(BOTH, SETTINGS);
        simulation.portServices.get("pf-hello-8080").getSpec().type(type);
        simulation.settle();
        assertThat(simulation.portServices.get("pf-hello-8080").getSpec().getType())
                .isEqualTo("ClusterIP");
    }

    @Test
    void deletedServiceIsMadeAgainWithoutNews() {
        var simulation = settled(BOTH, SETTINGS);
        notes.clear();
        simulation.portServices.remove("pf-hello-8080");
        simulation.settle();
        assertThat(simulation.portServices).containsKey("pf-hello-8080");
        assertThat(condition(simulation)).isEqualTo("True Forwarded");
        assertThat(events()).isEmpty();
    }

    @Test
    void serviceOfAnotherIsNeverTakenOver() {
        var simulation = new Simulation(spec(BOTH));
        var foreign = new V1Service()
                .metadata(new V1ObjectMeta().name("pf-hello-8080").uid("other"))
                .spec(new V1ServiceSpec().putSelectorItem("app", "theirs"));
        simulation.portServices.put("pf-hello-8080", foreign);
        simulation.settle();
        assertThat(simulation.portServices.get("pf-hello-8080")).isSameAs(foreign);
        assertThat(foreign.getSpec().getSelector()).containsExactly(Map.entry("app", "theirs"));
        assertThat(condition(simulation)).isEqualTo("False Conflict");
        assertThat(message(simulation)).contains("Service \"pf-hello-8080\"", "rename or delete it");
        assertThat(status(simulation).forwardedPorts())
                .extracting(ForwardedPort::port)
                .containsExactly(5432);
        assertThat(status(simulation).phase()).as("it runs all the same").isEqualTo("Running");

        simulation.spec(spec(ports("")));
        simulation.settle();
        assertThat(simulation.portServices).containsOnlyKeys("pf-hello-8080");
    }

    @Test
    void serviceOfADeletedSandboxOfThatNameIsWaitedFor() {
        var simulation = new Simulation(spec(BOTH));
        var left = new V1Service()
                .metadata(new V1ObjectMeta()
                        .name("pf-hello-8080")
                        .addOwnerReferencesItem(new V1OwnerReference()
                                .kind(Sandbox.KIND)
                                .name("hello")
                                .uid("before")
                                .controller(true)));
        simulation.portServices.put("pf-hello-8080", left);
        simulation.settle();
        assertThat(condition(simulation)).isEqualTo("False Applying");
        simulation.portServices.remove("pf-hello-8080");
        simulation.settle();
        assertThat(condition(simulation)).isEqualTo("True Forwarded");
    }

    @Test
    void endingServiceIsWaitedFor() {
        var simulation = settled(BOTH, SETTINGS);
        simulation
                .portServices
                .get("pf-hello-8080")
                .getMetadata()
                .deletionTimestamp(simulation.now.atOffset(ZoneOffset.UTC));
        var plan = SandboxPlan.of(simulation.world(), simulation.now, Fixtures.FRESH, SETTINGS);
        assertThat(plan.stages()).isEmpty();
        assertThat(plan.again()).isNotNull();
    }

    @Test
    void refusedServiceIsToldAndStopsNothing() {
        var simulation = new Simulation(spec(BOTH));
        simulation.reconcile(Integer.MAX_VALUE);
        simulation.portServices.clear();
        var obstacle = new Obstacle(ResourceKind.SERVICE, "pf-hello-8080", false, "exceeded quota");
        var plan = SandboxPlan.of(simulation.world().stoppedBy(obstacle), simulation.now, Fixtures.FRESH, SETTINGS);
        var condition = Conditions.find(plan.status().conditions(), Conditions.PORTS_FORWARDED)
                .orElseThrow();
        assertThat(condition.reason()).isEqualTo("ApplyFailed");
        assertThat(condition.message()).contains("exceeded quota");
        assertThat(plan.status().phase()).isEqualTo("Creating");
        assertThat(Conditions.find(plan.status().conditions(), Conditions.READY)
                        .orElseThrow()
                        .message())
                .doesNotContain("quota");
        simulation.status(plan.status());
        var next = SandboxPlan.of(simulation.world(), simulation.now, Fixtures.FRESH, SETTINGS);
        assertThat(next.status().conditions())
                .as("the next attempt does not take it back before it has succeeded")
                .isEqualTo(plan.status().conditions());
    }

    @Test
    void portsOfATemplateAreThoseOfTheLastStart() {
        var simulation = new Simulation(spec("{\"templateRef\":{\"name\":\"t\"},\"ports\":[{\"port\":1}]}"));
        simulation.templates =
                TemplatePlanTest.chain(TemplatePlanTest.namespaced("team1", "t", "1", ports("{\"port\":2}")));
        simulation.settle();
        assertThat(simulation.portServices).containsOnlyKeys("pf-hello-1", "pf-hello-2");
        simulation.templates =
                TemplatePlanTest.chain(TemplatePlanTest.namespaced("team1", "t", "2", ports("{\"port\":3}")));
        simulation.settle();
        assertThat(simulation.portServices).as("it runs on").containsOnlyKeys("pf-hello-1", "pf-hello-2");
        simulation.power(PowerState.STOPPED);
        simulation.settle();
        assertThat(simulation.portServices).containsOnlyKeys("pf-hello-1", "pf-hello-2");
        simulation.power(PowerState.RUNNING);
        simulation.settle();
        assertThat(simulation.portServices).containsOnlyKeys("pf-hello-1", "pf-hello-3");
    }

    @Test
    void wherePreviewsEndTheirIngressesDo() {
        var simulation = settled(BOTH, PREVIEWING);
        simulation.settings = SETTINGS;
        simulation.settle();
        assertThat(simulation.portIngresses).isEmpty();
        assertThat(simulation.portServices).hasSize(2);
        assertThat(previewRules(simulation)).isEmpty();
    }

    @Test
    void aCrashAnywhereIsMendedByTheNextPlan() {
        for (var writes = 0; writes < 16; writes++) {
            var simulation = new Simulation(spec(BOTH));
            simulation.settings = PREVIEWING;
            simulation.reconcile(writes);
            simulation.settle();
            assertThat(simulation.portServices).hasSize(2);
            assertThat(simulation.portIngresses).hasSize(1);
            simulation.spec(spec(ports("")));
            simulation.reconcile(writes % 4);
            simulation.settle();
            assertThat(simulation.portServices).isEmpty();
            assertThat(simulation.portIngresses).isEmpty();
        }
    }

    private Simulation settled(String spec, ClusterSettings settings) {
        var simulation = new Simulation(spec(spec));
        simulation.settings = settings;
        simulation.statusWritten = (before, after) -> notes.addAll(Transitions.between(before, after));
        simulation.settle();
        return simulation;
    }

    private static String ports(String items) {
        return "{\"image\":{\"repository\":\"i\"},\"ports\":[" + items + "]}";
    }

    private static SandboxStatus status(Simulation simulation) {
        return simulation.sandbox.statusOrEmpty();
    }

    private static String condition(Simulation simulation) {
        return Conditions.find(status(simulation).conditions(), Conditions.PORTS_FORWARDED)
                .map(c -> c.status() + " " + c.reason())
                .orElse("absent");
    }

    private static String message(Simulation simulation) {
        return Conditions.find(status(simulation).conditions(), Conditions.PORTS_FORWARDED)
                .orElseThrow()
                .message();
    }

    /** Rules that are for nobody of this installation. */
    private static List<V1NetworkPolicyIngressRule> previewRules(Simulation simulation) {
        return simulation.policy.getSpec().getIngress().stream()
                .filter(rule -> rule.getPorts().stream().noneMatch(PolicyPorts.tcp(PodLayout.PORT)::equals))
                .toList();
    }

    private List<String> events() {
        return notes.stream()
                .filter(note -> note.reason().startsWith("Port"))
                .map(note -> note.reason() + " " + note.message().replaceAll("\\D*(\\d+) .*", "$1"))
                .toList();
    }
}
