package io.agenttier.api.merge;

import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateRef;
import java.util.Objects;

/**
 * A template by what tells it apart.
 *
 * @param namespace empty for a ClusterSandboxTemplate
 */
public record TemplateName(TemplateKind kind, String namespace, String name) {
    /**
     * The template that a reference means.
     *
     * @param home namespace that a reference without one means
     */
    public static TemplateName of(TemplateRef ref, String home) {
        if (ref.templateKind() == TemplateKind.CLUSTER) {
            return new TemplateName(TemplateKind.CLUSTER, "", ref.name());
        }
        var namespace = Objects.requireNonNullElse(ref.namespace(), "");
        return new TemplateName(TemplateKind.NAMESPACED, namespace.isEmpty() ? home : namespace, ref.name());
    }

    /** The parent that this template names. One of the cluster has parents of the cluster only, whatever default its reference lacks. */
    TemplateName parent(TemplateRef ref) {
        return kind == TemplateKind.CLUSTER && ref.kind() == null
                ? new TemplateName(TemplateKind.CLUSTER, "", ref.name())
                : of(ref, namespace);
    }

    /** As it is shown to people, such as {@code SandboxTemplate "team1/base"}. */
    public String text() {
        return namespace.isEmpty()
                ? "%s \"%s\"".formatted(kind.wire(), name)
                : "%s \"%s/%s\"".formatted(kind.wire(), namespace, name);
    }
}
