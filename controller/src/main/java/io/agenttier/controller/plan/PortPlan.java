package io.agenttier.controller.plan;

import io.agenttier.api.Condition;
import io.agenttier.api.Conditions;
import io.agenttier.api.DeclaredPort;
import io.agenttier.api.ForwardedPort;
import io.agenttier.api.Names;
import io.agenttier.api.Reasons;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxStatus;
import io.agenttier.api.port.PortAddress;
import io.agenttier.api.port.PortNames;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Services and Ingresses of declared ports. They follow the ports, whatever the pod does, and keep nothing from starting. */
final class PortPlan {
    /** How an object of a port stands. */
    private enum Standing {
        PRESENT,
        /** To be made, or to be waited for. */
        PENDING,
        FOREIGN,
        REFUSED,
        UNWANTED
    }

    /** What is in the way may be unknown to the caches. */
    private static final Duration LOOK = Duration.ofSeconds(10);

    private record Problem(String reason, String message) {}

    private final World world;
    private final ClusterSettings settings;
    private final Map<Integer, ForwardedPort> shown;
    private final List<Action> actions = new ArrayList<>();
    private final List<ForwardedPort> reachable = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private boolean pending;

    private PortPlan(World world, ClusterSettings settings) {
        this.world = world;
        this.settings = settings;
        this.shown = world.sandbox().statusOrEmpty().forwardedPorts().stream()
                .collect(Collectors.toMap(ForwardedPort::port, port -> port, (a, _) -> a));
    }

    /** Whether it is about a port's object, and nothing else has to stop for it. */
    static boolean concerns(@Nullable Obstacle obstacle) {
        return obstacle != null && (obstacle.kind() == ResourceKind.SERVICE || obstacle.kind() == ResourceKind.INGRESS);
    }

    /** The same plan, then what the ports need. */
    static Plan with(World world, Plan plan, Instant now, ClusterSettings settings) {
        var ports = DeclaredPorts.of(world.sandbox(), world.templates(), world.policy(), settings);
        var own = new PortPlan(world, settings);
        own.look(ports);
        var next = plan.then(own.status(plan.status(), ports, now), own.actions);
        return own.pending ? next.lookAgainAfter(LOOK) : next;
    }

    private void look(List<DeclaredPort> ports) {
        var name = world.sandbox().metadata().name();
        var previews = settings.previews();
        PortNames.problem(name, ports, previews == null ? null : previews.hosts())
                .ifPresent(problem -> problems.add(new Problem(Reasons.NAME_TOO_LONG, problem)));
        var obstacle = world.obstacle();
        if (obstacle != null && concerns(obstacle)) {
            problems.add(new Problem(obstacle.foreign() ? Reasons.CONFLICT : Reasons.APPLY_FAILED, obstacle.message()));
        }
        var services = new ArrayList<String>();
        var ingresses = new ArrayList<String>();
        for (var port : name.length() > Names.SANDBOX_WITH_PORTS_MAX ? List.<DeclaredPort>of() : ports) {
            var object = Names.portName(name, port.port());
            services.add(object);
            var service = service(port, object);
            var preview = Standing.UNWANTED;
            if (previewUrl(port) != null && previews != null) {
                ingresses.add(object);
                preview = ingress(port, object, previews);
            }
            show(port, service, preview);
        }
        world.ports().services().forEach((key, service) -> clear(ResourceKind.SERVICE, key, service, services));
        world.ports().ingresses().forEach((key, ingress) -> clear(ResourceKind.INGRESS, key, ingress, ingresses));
    }

    private Standing service(DeclaredPort port, String name) {
        return stand(
                ResourceKind.SERVICE,
                name,
                world.ports().services().get(name),
                DesiredService.of(world.sandbox(), port),
                DesiredService::says,
                DesiredService::corrected);
    }

    private Standing ingress(DeclaredPort port, String name, Previews previews) {
        return stand(
                ResourceKind.INGRESS,
                name,
                world.ports().ingresses().get(name),
                DesiredIngress.of(world.sandbox(), port, previews),
                DesiredIngress::says,
                DesiredIngress::corrected);
    }

    private <T extends KubernetesObject> Standing stand(
            ResourceKind kind,
            String name,
            @Nullable T present,
            T wanted,
            BiPredicate<T, T> says,
            BinaryOperator<T> corrected) {
        if (isObstacle(kind, name)) {
            return Standing.REFUSED;
        }
        if (present == null) {
            pending = true;
            actions.add(new Action.Create(kind, wanted));
            return Standing.PENDING;
        }
        var metadata = present.getMetadata();
        if (Owned.isTerminating(metadata) || isOfPredecessor(metadata)) {
            pending = true;
            return Standing.PENDING;
        }
        if (!Owned.by(world.sandbox(), metadata)) {
            problems.add(
                    new Problem(Reasons.CONFLICT, Obstacle.foreign(kind, name).message()));
            return Standing.FOREIGN;
        }
        if (!says.test(present, wanted)) {
            actions.add(new Action.Repair(kind, corrected.apply(present, wanted), text(metadata.getResourceVersion())));
        }
        return Standing.PRESENT;
    }

    private boolean isObstacle(ResourceKind kind, String name) {
        var obstacle = world.obstacle();
        return obstacle != null && obstacle.kind() == kind && obstacle.name().equals(name);
    }

    /** Left by a deleted sandbox of the same name: the garbage collector takes it away. */
    private boolean isOfPredecessor(V1ObjectMeta metadata) {
        var self = world.sandbox().metadata();
        return Owned.controllerOf(metadata)
                .filter(owner -> owner.getKind().equals(Sandbox.KIND)
                        && owner.getName().equals(self.name())
                        && !owner.getUid().equals(self.uid()))
                .isPresent();
    }

    /** One that was shown stays so while what is missing of it is made again. */
    private void show(DeclaredPort port, Standing service, Standing preview) {
        var before = shown.get(port.port());
        var complete = service == Standing.PRESENT && preview != Standing.PENDING;
        if (service == Standing.FOREIGN || (before == null && !complete)) {
            return;
        }
        var url = previewUrl(port);
        var previewed = url != null
                && (preview == Standing.PRESENT
                        || (preview == Standing.PENDING && before != null && url.equals(before.previewUrl())));
        var metadata = world.sandbox().metadata();
        reachable.add(new ForwardedPort(
                port.port(),
                port.protocolOrDefault(),
                PortAddress.internalUrl(metadata.namespace(), metadata.name(), port),
                previewed ? url : null));
    }

    private @Nullable String previewUrl(DeclaredPort port) {
        var metadata = world.sandbox().metadata();
        var previews = settings.previews();
        return PortAddress.previewUrl(
                metadata.namespace(), metadata.name(), port, previews == null ? null : previews.hosts());
    }

    private void clear(ResourceKind kind, String name, KubernetesObject present, List<String> wanted) {
        var metadata = present.getMetadata();
        if (!wanted.contains(name) && Owned.by(world.sandbox(), metadata) && !Owned.isTerminating(metadata)) {
            actions.add(new Action.Delete(kind, name, text(metadata.getUid())));
        }
    }

    private SandboxStatus status(SandboxStatus from, List<DeclaredPort> ports, Instant now) {
        var conditions = ports.isEmpty()
                ? Conditions.without(from.conditions(), Conditions.PORTS_FORWARDED)
                : condition(from, now)
                        .map(next -> Conditions.with(from.conditions(), next))
                        .orElse(from.conditions());
        return from.toDraft().conditions(conditions).forwardedPorts(reachable).build();
    }

    /** Empty where that which is shown is not over: a refusal is told until the next attempt has succeeded. */
    private Optional<Condition> condition(SandboxStatus from, Instant now) {
        var failing = Conditions.find(from.conditions(), Conditions.PORTS_FORWARDED)
                .filter(c -> !c.holds())
                .isPresent();
        if (!problems.isEmpty()) {
            return Optional.of(condition(
                    Condition.FALSE,
                    problems.getFirst().reason(),
                    problems.stream().map(Problem::message).collect(Collectors.joining("; ")),
                    now));
        }
        if (pending) {
            return failing
                    ? Optional.empty()
                    : Optional.of(condition(
                            Condition.FALSE, Reasons.APPLYING, "the Services of declared ports are being made", now));
        }
        return Optional.of(
                condition(Condition.TRUE, Reasons.FORWARDED, "every declared port has what leads to it", now));
    }

    private Condition condition(String status, String reason, String message, Instant now) {
        return Draft.condition(world.sandbox(), Conditions.PORTS_FORWARDED, status, reason, message, now);
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
