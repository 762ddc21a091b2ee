package io.agenttier.apiserver.admission;

import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateSpec;
import java.io.IOException;
import java.util.Optional;

/** Templates as they are stored now. */
@FunctionalInterface
public interface Templates {
    /**
     * The spec of a template, empty if there is none of that name.
     *
     * @param namespace empty for a ClusterSandboxTemplate
     * @throws IOException if it cannot be told
     */
    Optional<TemplateSpec> find(TemplateKind kind, String namespace, String name) throws IOException;
}
