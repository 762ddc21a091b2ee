package io.agenttier.api.merge;

import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateSpec;
import java.util.List;
import java.util.Optional;

/** What only a ClusterSandboxTemplate can give, and only to those who may {@code use} it. */
public final class TemplatePower {
    private TemplatePower() {}

    /** What makes the right necessary, such as {@code is privileged}; empty for a template that anybody may name. */
    public static Optional<String> of(TemplateSpec spec) {
        var security = spec.security();
        if (security != null && Boolean.TRUE.equals(security.privileged())) {
            return Optional.of("is privileged");
        }
        var account = spec.serviceAccount();
        return account != null && !account.isEmpty()
                ? Optional.of("names ServiceAccount \"%s\"".formatted(account))
                : Optional.empty();
    }

    /** Names of the ClusterSandboxTemplates in the chain that need it. */
    public static List<String> needed(TemplateChain chain) {
        return chain.links().stream()
                .filter(link -> link.name().kind() == TemplateKind.CLUSTER)
                .filter(link -> of(link.spec()).isPresent())
                .map(link -> link.name().name())
                .toList();
    }
}
