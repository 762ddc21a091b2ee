package io.agenttier.apiserver.admission;

import io.agenttier.api.TemplateKind;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.api.merge.TemplateName;
import io.agenttier.api.merge.TemplatePower;
import io.agenttier.api.reference.References;
import io.agenttier.apiserver.error.ApiError.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What a chain of templates takes of whoever names its first. Pure. */
final class ChainRules {
    private ChainRules() {}

    /** Rights that the requester needs. One who names a ClusterSandboxTemplate in advance needs the right to whatever it will become. */
    static List<Demand> demands(String field, TemplateChain chain) {
        var demands = new ArrayList<Demand>();
        for (var link : chain.links()) {
            TemplatePower.of(link.spec()).ifPresent(why -> demand(field, link.name(), why, demands));
        }
        if (chain.end() instanceof TemplateChain.End.Missing missing) {
            demand(field, missing.name(), "does not exist and may come to be privileged", demands);
        }
        return demands;
    }

    private static void demand(String field, TemplateName template, String why, List<Demand> demands) {
        if (template.kind() == TemplateKind.CLUSTER) {
            demands.add(Demand.use(field, template.name(), "%s %s".formatted(template.text(), why)));
        }
    }

    /**
     * Names that mean objects of {@code namespace} and were written by people of another, who may not read them: nobody's right covers that.
     */
    static List<Cause> strangers(String field, TemplateChain chain, String namespace) {
        return chain.links().stream()
                .filter(link -> link.name().kind() == TemplateKind.NAMESPACED)
                .filter(link -> !link.name().namespace().equals(namespace))
                .flatMap(link -> strangers(field, link, namespace))
                .toList();
    }

    private static Stream<Cause> strangers(String field, TemplateChain.Link link, String namespace) {
        return References.appeared(List.of(), References.of(link.spec(), namespace)).stream()
                .filter(reference -> reference.target().namespace().equals(namespace))
                .map(reference -> Causes.forbidden(
                        field,
                        "%s of another namespace names \"%s\" in its %s, which would be taken from the namespace \"%s\": use a template of this namespace for it"
                                .formatted(
                                        link.name().text(), reference.target().name(), reference.field(), namespace)));
    }
}
