package io.agenttier.controller.plan;

import io.agenttier.api.NetworkRule;
import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPort;
import io.kubernetes.client.openapi.models.V1ServicePort;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The ports of a Service that a rule means, and where they lead to. */
record ServicePorts(List<V1ServicePort> chosen, List<String> unknown) {
    private static final String TCP = "TCP";

    ServicePorts {
        chosen = List.copyOf(chosen);
        unknown = List.copyOf(unknown);
    }

    static ServicePorts of(NetworkRule rule, BackedService service) {
        var spec = service.service().getSpec();
        List<V1ServicePort> all = spec == null || spec.getPorts() == null ? List.of() : spec.getPorts();
        var number = rule.serviceRef() == null ? null : rule.serviceRef().port();
        if (number == null && rule.ports().isEmpty()) {
            return new ServicePorts(all, List.of());
        }
        var chosen = new ArrayList<V1ServicePort>();
        var unknown = new ArrayList<String>();
        if (number != null) {
            choose(all, p -> number.equals(p.getPort()), String.valueOf(number), chosen, unknown);
        }
        for (var port : rule.ports()) {
            var protocol = protocol(port.protocol());
            choose(
                    all,
                    p -> p.getPort() == port.port() && protocol(p.getProtocol()).equals(protocol),
                    protocol + " " + port.port(),
                    chosen,
                    unknown);
        }
        return new ServicePorts(chosen, unknown);
    }

    /** Where they lead to in its pods. A name stays one: each pod says what it means. */
    List<V1NetworkPolicyPort> targets() {
        return chosen.stream()
                .map(port -> new V1NetworkPolicyPort()
                        .protocol(protocol(port.getProtocol()))
                        .port(target(port)))
                .distinct()
                .toList();
    }

    /** Whether a port of an EndpointSlice belongs to one of them. */
    boolean leadTo(@Nullable String name, @Nullable String protocol) {
        var wanted = name == null ? "" : name;
        return chosen.stream()
                .anyMatch(port -> (port.getName() == null ? "" : port.getName()).equals(wanted)
                        && protocol(port.getProtocol()).equals(protocol(protocol)));
    }

    static String protocol(@Nullable String protocol) {
        return protocol == null ? TCP : protocol;
    }

    private static void choose(
            List<V1ServicePort> all,
            Predicate<V1ServicePort> wanted,
            String text,
            List<V1ServicePort> chosen,
            List<String> unknown) {
        var found = all.stream().filter(wanted).toList();
        chosen.addAll(found);
        if (found.isEmpty()) {
            unknown.add(text);
        }
    }

    private static IntOrString target(V1ServicePort port) {
        var target = port.getTargetPort();
        return target == null || (target.isInteger() && target.getIntValue() == 0)
                ? new IntOrString(port.getPort())
                : target;
    }
}
