package io.agenttier.apiserver.admission;

import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateSpec;
import io.agenttier.api.reference.Reference;
import io.agenttier.api.reference.References;
import io.agenttier.apiserver.admission.TemplateChain.Link;
import io.agenttier.apiserver.error.ApiError.Cause;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a chain of templates takes of whoever names its first. Pure. */
final class ChainRules {
    private ChainRules() {}

    /** Rights that the requester needs. One who names a ClusterSandboxTemplate in advance needs the right to whatever it will become. */
    static List<Demand> demands(String field, List<Link> chain) {
        return chain.stream()
                .filter(link -> link.name().kind() == TemplateKind.CLUSTER)
                .flatMap(link -> power(link.spec())
                        .map(why -> Demand.use(
                                field,
                                link.name().name(),
                                "%s %s".formatted(link.name().text(), why)))
                        .stream())
                .toList();
    }

    private static Optional<String> power(Optional<TemplateSpec> spec) {
        if (spec.isEmpty()) {
            return Optional.of("does not exist and may come to be privileged");
        }
        var security = spec.get().security();
        if (security != null && Boolean.TRUE.equals(security.privileged())) {
            return Optional.of("is privileged");
        }
        var account = spec.get().serviceAccount();
        return account != null && !account.isEmpty()
                ? Optional.of("names ServiceAccount \"%s\"".formatted(account))
                : Optional.empty();
    }

    /**
     * Names that mean objects of {@code namespace} and were written by people of another, who may not read them: nobody's right covers that.
     */
    static List<Cause> strangers(String field, List<Link> chain, String namespace) {
        return chain.stream()
                .filter(link -> link.name().kind() == TemplateKind.NAMESPACED)
                .filter(link -> !link.name().namespace().equals(namespace))
                .flatMap(link -> link.spec().stream().flatMap(spec -> strangers(field, link, spec, namespace)))
                .toList();
    }

    private static Stream<Cause> strangers(String field, Link link, TemplateSpec spec, String namespace) {
        return References.appeared(List.of(), References.of(spec, namespace)).stream()
                .filter(reference -> reference.target().kind() != Reference.Kind.FOREIGN_TEMPLATE)
                .map(reference -> Causes.forbidden(
                        field,
                        "%s of another namespace names \"%s\" in its %s, which would be taken from the namespace \"%s\": use a template of this namespace for it"
                                .formatted(
                                        link.name().text(), reference.target().name(), reference.field(), namespace)));
    }
}
