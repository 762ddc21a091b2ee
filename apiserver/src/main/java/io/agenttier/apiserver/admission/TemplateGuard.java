package io.agenttier.apiserver.admission;

import io.agenttier.api.ClusterSandboxTemplate;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateSpec;
import io.agenttier.apiserver.admission.AdmissionReview.Request;
import io.agenttier.apiserver.error.ApiError;
import java.util.List;

/** Keeps a template that sandboxes live on, except in a namespace that goes away as a whole. */
final class TemplateGuard {
    private final TemplateUses uses;

    TemplateGuard(TemplateUses uses) {
        this.uses = uses;
    }

    Verdict review(Request<TemplateSpec> request) {
        var namespace = request.namespaceOrEmpty();
        var kind = namespace.isEmpty() ? TemplateKind.CLUSTER : TemplateKind.NAMESPACED;
        var users = uses.of(kind, namespace, request.nameOrEmpty());
        if (users.isEmpty() || (kind == TemplateKind.NAMESPACED && uses.isBeingDeleted(namespace))) {
            return Verdict.allow(List.of());
        }
        var name = kind == TemplateKind.CLUSTER ? ClusterSandboxTemplate.KIND : kind.wire();
        return Verdict.refuse(
                new ApiError.Conflict(
                        kind.plural(),
                        request.nameOrEmpty(),
                        "%s \"%s\" is in use by %s: stop or delete them first"
                                .formatted(name, request.nameOrEmpty(), String.join(", ", users))),
                List.of());
    }
}
