package io.agenttier.controller.reconcile;

import io.agenttier.api.Sandbox;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.api.merge.TemplateName;
import io.agenttier.controller.kube.Caches;
import java.util.Optional;

/** The templates of a sandbox as the caches know them. */
final class CachedTemplates {
    private CachedTemplates() {}

    static TemplateChain of(Sandbox sandbox, Caches caches) {
        return TemplateChain.follow(
                sandbox.spec().templateRef(), sandbox.metadata().namespace(), name -> find(name, caches));
    }

    private static Optional<TemplateChain.Link> find(TemplateName name, Caches caches) {
        var cache = name.kind() == TemplateKind.CLUSTER ? caches.clusterTemplates() : caches.templates();
        return Optional.ofNullable(cache.get(name.namespace(), name.name()))
                .map(found -> new TemplateChain.Link(
                        name, found.spec(), found.getMetadata().getResourceVersion()));
    }
}
