package io.agenttier.apiserver.admission;

import io.agenttier.api.TemplateKind;
import java.util.List;

/** What lives on a template. */
public interface TemplateUses {
    /**
     * Sandboxes that are Creating or Running and have the template in their chain, as {@code namespace/name}; confirmed by a live read, as
     * many as are worth showing.
     *
     * @param namespace empty for a ClusterSandboxTemplate
     * @throws io.agenttier.apiserver.error.ApiException 503 if it cannot be told
     */
    List<String> of(TemplateKind kind, String namespace, String name);

    /**
     * Whether a namespace is on its way out or gone.
     *
     * @throws io.agenttier.apiserver.error.ApiException 503 if it cannot be told
     */
    boolean isBeingDeleted(String namespace);
}
