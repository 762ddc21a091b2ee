package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Reasons;
import java.util.List;

/** Parts of a status that several plans show alike. */
final class StatusOf {
    private StatusOf() {}

    /** The template as it is used from now on, and the mode that follows. */
    static void template(Draft draft, Resolution.Resolved resolved) {
        var origin = resolved.origin();
        draft.fields().mode(resolved.effective().mode().wire());
        if (origin == null) {
            draft.fields().resolvedTemplate(null).templateResourceVersion(null).templateChain(List.of());
            draft.holds(Conditions.TEMPLATE_RESOLVED, Reasons.NO_TEMPLATE, "the sandbox names no template");
            return;
        }
        draft.fields()
                .resolvedTemplate(origin.name())
                .templateResourceVersion(origin.resourceVersion())
                .templateChain(List.of(origin));
        draft.holds(
                Conditions.TEMPLATE_RESOLVED, Reasons.RESOLVED, origin.kind() + " \"" + origin.name() + "\" was found");
    }
}
