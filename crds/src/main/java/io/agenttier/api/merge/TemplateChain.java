package io.agenttier.api.merge;

import io.agenttier.api.Reasons;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateOrigin;
import io.agenttier.api.TemplateRef;
import io.agenttier.api.TemplateSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The templates of a sandbox and how the way to them ended.
 *
 * @param links those that were found, nearest first
 */
public record TemplateChain(List<Link> links, End end) {
    /** Most templates in a row. */
    public static final int LONGEST = 10;

    /** That of a sandbox without a template. */
    public static final TemplateChain NONE = new TemplateChain(List.of(), new End.Whole());

    public TemplateChain {
        links = List.copyOf(links);
    }

    /** @param resourceVersion null where it is not known */
    public record Link(
            TemplateName name, TemplateSpec spec, @Nullable String resourceVersion) {
        /** As status records it. */
        public TemplateOrigin origin() {
            return new TemplateOrigin(
                    name.kind().wire(),
                    name.namespace().isEmpty() ? null : name.namespace(),
                    name.name(),
                    resourceVersion);
        }
    }

    /** Where the chain ends. Only the first of these makes a sandbox. */
    public sealed interface End {
        /** At a template without a parent. */
        record Whole() implements End {}

        record Missing(TemplateName name) implements End {}

        /** @param again a template that is in the chain already */
        record Cycle(TemplateName again) implements End {}

        /** @param next the first template too many */
        record TooLong(TemplateName next) implements End {}

        /** A ClusterSandboxTemplate names a parent that people of one namespace write. */
        record Narrower(TemplateName parent) implements End {}
    }

    /**
     * Why no sandbox starts from the chain.
     *
     * @param reason of condition TemplateResolved
     */
    public record Problem(String reason, String message) {}

    /**
     * Finds templates.
     *
     * @param <E> what is thrown if it cannot be told
     */
    @FunctionalInterface
    public interface Lookup<E extends Exception> {
        /** The template as it is stored; empty if there is none. */
        Optional<Link> find(TemplateName name) throws E;
    }

    /**
     * Follows a reference to the end.
     *
     * @param home namespace that a reference without one means
     */
    public static <E extends Exception> TemplateChain follow(@Nullable TemplateRef first, String home, Lookup<E> lookup)
            throws E {
        var links = new ArrayList<Link>();
        var next = first == null ? null : TemplateName.of(first, home);
        while (next != null) {
            var name = next;
            if (links.stream().anyMatch(link -> link.name().equals(name))) {
                return new TemplateChain(links, new End.Cycle(name));
            }
            if (links.size() == LONGEST) {
                return new TemplateChain(links, new End.TooLong(name));
            }
            if (name.kind() != TemplateKind.CLUSTER
                    && !links.isEmpty()
                    && links.getLast().name().kind() == TemplateKind.CLUSTER) {
                return new TemplateChain(links, new End.Narrower(name));
            }
            var found = lookup.find(name);
            if (found.isEmpty()) {
                return new TemplateChain(links, new End.Missing(name));
            }
            links.add(found.get());
            var parent = found.get().spec().inheritsFrom();
            next = parent == null ? null : name.parent(parent);
        }
        return new TemplateChain(links, new End.Whole());
    }

    /** All templates as one layer. */
    public TemplateSpec layer() {
        return links.stream().map(Link::spec).reduce(TemplateSpec.EMPTY, Merge::overlay);
    }

    /** As status records it. */
    public List<TemplateOrigin> origins() {
        return links.stream().map(Link::origin).toList();
    }

    /** Whether a change of that template may change the chain. */
    public boolean dependsOn(TemplateName name) {
        return links.stream().anyMatch(link -> link.name().equals(name))
                || (end instanceof End.Missing missing && missing.name().equals(name));
    }

    /** What has to be repaired before a sandbox starts from it, with the path to the place; empty if nothing. */
    public Optional<Problem> problem() {
        return switch (end) {
            case End.Whole _ -> Optional.empty();
            case End.Missing missing -> Optional.of(new Problem(Reasons.TEMPLATE_NOT_FOUND, missing(missing.name())));
            case End.Cycle cycle ->
                Optional.of(new Problem(
                        Reasons.CYCLE_DETECTED,
                        path(cycle.again()) + " is a cycle: remove spec.inheritsFrom of one of them"));
            case End.TooLong tooLong ->
                Optional.of(new Problem(
                        Reasons.DEPTH_EXCEEDED,
                        "%s are more than %d templates in a row: let them inherit from fewer"
                                .formatted(path(tooLong.next()), LONGEST)));
            case End.Narrower narrower ->
                Optional.of(new Problem(
                        Reasons.INVALID_TEMPLATE,
                        "%s: a ClusterSandboxTemplate inherits from a ClusterSandboxTemplate only: correct spec.inheritsFrom of %s"
                                .formatted(
                                        path(narrower.parent()),
                                        links.getLast().name().text())));
        };
    }

    private String missing(TemplateName name) {
        return links.isEmpty()
                ? "%s does not exist: create it or name another".formatted(name.text())
                : "%s does not exist: create it or correct spec.inheritsFrom of %s"
                        .formatted(path(name), links.getLast().name().text());
    }

    private String path(TemplateName last) {
        return Stream.concat(links.stream().map(Link::name), Stream.of(last))
                .map(TemplateName::text)
                .collect(Collectors.joining(" -> "));
    }
}
