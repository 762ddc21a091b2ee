package io.agenttier.apiserver.admission;

import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateRef;
import io.agenttier.api.TemplateSpec;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Follows a template to its parents. A cycle or too long a chain ends it: no sandbox starts from such a one, and the controller says why. */
final class TemplateChain {
    static final int LONGEST = 10;

    private final Templates templates;

    TemplateChain(Templates templates) {
        this.templates = templates;
    }

    /** A template by what tells it apart; {@code namespace} is empty for a ClusterSandboxTemplate. */
    record Name(TemplateKind kind, String namespace, String name) {
        /** As it is shown to people. */
        String text() {
            return namespace.isEmpty()
                    ? "%s \"%s\"".formatted(kind.wire(), name)
                    : "%s \"%s/%s\"".formatted(kind.wire(), namespace, name);
        }
    }

    /** @param spec empty if there is no such template yet */
    record Link(Name name, Optional<TemplateSpec> spec) {}

    /**
     * The chain that begins with {@code first}, nearest first.
     *
     * @param home namespace that a reference without one means
     * @throws ApiException 503 if a template cannot be read
     */
    List<Link> from(@Nullable TemplateRef first, String home) {
        var links = new ArrayList<Link>();
        var seen = new LinkedHashSet<Name>();
        var ref = first;
        var namespace = home;
        while (ref != null && links.size() < LONGEST) {
            var name = name(ref, namespace);
            if (!seen.add(name)) {
                break;
            }
            var spec = read(name);
            links.add(new Link(name, spec));
            ref = spec.map(TemplateSpec::inheritsFrom).orElse(null);
            namespace = name.namespace();
        }
        return links;
    }

    private static Name name(TemplateRef ref, String home) {
        if (ref.templateKind() == TemplateKind.CLUSTER) {
            return new Name(TemplateKind.CLUSTER, "", ref.name());
        }
        var namespace = ref.namespace();
        return new Name(
                TemplateKind.NAMESPACED, namespace == null || namespace.isEmpty() ? home : namespace, ref.name());
    }

    private Optional<TemplateSpec> read(Name name) {
        try {
            return templates.find(name.kind(), name.namespace(), name.name());
        } catch (IOException e) {
            throw new ApiException(
                    new ApiError.Unavailable("%s could not be read, so nothing was changed: %s; try again"
                            .formatted(name.text(), e.getMessage())));
        }
    }
}
