package io.agenttier.controller.plan;

import io.agenttier.api.Network;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which Service a network rule means. */
public record ServiceName(String namespace, String name) {
    /** Those that the rules of a sandbox of namespace {@code home} name. */
    static Set<ServiceName> in(Network network, String home) {
        return Stream.concat(network.egressRules().stream(), network.ingressRules().stream())
                .flatMap(rule -> Stream.ofNullable(rule.serviceRef()))
                .map(service -> new ServiceName(service.namespaceOr(home), service.name()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** For people. */
    String text() {
        return "Service \"%s\" of namespace \"%s\"".formatted(name, namespace);
    }
}
