package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Reasons;
import java.util.List;
import java.util.stream.Collectors;

/** Parts of a status that several plans show alike. */
final class StatusOf {
    private StatusOf() {}

    /** The template as it is used from now on, and the mode and its contract that follow. */
    static void template(Draft draft, Resolution.Resolved resolved) {
        var chain = resolved.templates().origins();
        draft.fields()
                .mode(resolved.effective().mode().wire())
                .resolvedAgentSpec(resolved.effective().agent());
        if (chain.isEmpty()) {
            draft.fields().resolvedTemplate(null).templateResourceVersion(null).templateChain(List.of());
            draft.holds(Conditions.TEMPLATE_RESOLVED, Reasons.NO_TEMPLATE, "the sandbox names no template");
            return;
        }
        var nearest = chain.getFirst();
        draft.fields()
                .resolvedTemplate(nearest.name())
                .templateResourceVersion(nearest.resourceVersion())
                .templateChain(chain);
        var path = resolved.templates().links().stream()
                .map(link -> link.name().text())
                .collect(Collectors.joining(" -> "));
        draft.holds(
                Conditions.TEMPLATE_RESOLVED,
                Reasons.RESOLVED,
                path + (chain.size() == 1 ? " was" : " were") + " found");
    }
}
