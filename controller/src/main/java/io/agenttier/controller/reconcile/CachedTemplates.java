package io.agenttier.controller.reconcile;

import io.agenttier.api.Sandbox;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.api.merge.TemplateName;
import io.agenttier.controller.kube.Caches;
import java.util.Optional;

/** The templates of a sandbox as the caches know them. One that cannot be read counts as missing. */
final class CachedTemplates {
    private CachedTemplates() {}

    static TemplateChain of(Sandbox sandbox, Caches caches) {
        return TemplateChain.follow(
                sandbox.spec().templateRef(), sandbox.metadata().namespace(), name -> find(name, caches));
    }

    private static Optional<TemplateChain.Link> find(TemplateName name, Caches caches) {
        var cache = name.kind() == TemplateKind.CLUSTER ? caches.clusterTemplates() : caches.templates();
        return Optional.ofNullable(cache.get(name.namespace(), name.name()))
                .flatMap(found -> found.spec()
                        .map(spec -> new TemplateChain.Link(
                                name, spec, found.getMetadata().getResourceVersion())));
    }
}
