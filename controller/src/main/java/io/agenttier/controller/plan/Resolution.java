package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.FieldError;
import io.agenttier.api.Reasons;
import io.agenttier.api.SupportedFields;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.merge.EffectiveRules;
import io.agenttier.api.merge.EffectiveSpec;
import io.agenttier.api.merge.Merge;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.api.merge.TemplatePower;
import io.agenttier.api.reference.Reference;
import io.agenttier.api.reference.References;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a sandbox asks for in the end, or why that cannot be said or done. */
sealed interface Resolution {
    /** @param templates the whole chain that was used */
    record Resolved(EffectiveSpec effective, TemplateChain templates) implements Resolution {
        String templateName() {
            return templates.links().isEmpty()
                    ? ""
                    : templates.links().getFirst().name().name();
        }
    }

    /**
     * Nothing may start. It heals by itself once the cause is repaired.
     *
     * @param condition the one that fails
     * @param reason of that condition
     */
    record Blocked(String condition, String reason, String message) implements Resolution {}

    static Resolution of(World world, ClusterSettings settings) {
        var templates = world.templates();
        return templates
                .problem()
                .<Resolution>map(
                        problem -> new Blocked(Conditions.TEMPLATE_RESOLVED, problem.reason(), problem.message()))
                .orElseGet(() -> checked(world, templates, settings));
    }

    private static Resolution checked(World world, TemplateChain templates, ClusterSettings settings) {
        var effective = Merge.effective(world.sandbox().spec(), templates.layer(), settings.defaults());
        var unsupported = SupportedFields.unsupported(effective.spec());
        if (!unsupported.isEmpty()) {
            return new Blocked(
                    Conditions.READY,
                    Reasons.NOT_SUPPORTED,
                    "this version does not support " + String.join(", ", unsupported) + ": remove what is set there");
        }
        var strangers = strangers(world, templates);
        if (!strangers.isEmpty()) {
            return new Blocked(Conditions.TEMPLATE_RESOLVED, Reasons.FORBIDDEN, strangers);
        }
        if (!world.denied().isEmpty()) {
            return new Blocked(Conditions.TEMPLATE_RESOLVED, Reasons.FORBIDDEN, denied(world, templates));
        }
        var errors = EffectiveRules.check(effective);
        if (!errors.isEmpty()) {
            return new Blocked(
                    Conditions.TEMPLATE_RESOLVED,
                    Reasons.INVALID_TEMPLATE,
                    errors.stream().map(FieldError::sentence).collect(Collectors.joining("; ")));
        }
        var privilege = privilegeProblem(world, templates);
        if (!privilege.isEmpty()) {
            return new Blocked(Conditions.TEMPLATE_RESOLVED, Reasons.FORBIDDEN, privilege);
        }
        if (!effective.network().allowedDomains().isEmpty()) {
            return new Blocked(
                    Conditions.NETWORK_ISOLATED,
                    Reasons.DOMAINS_UNSUPPORTED,
                    "network.allowedDomains: nothing here holds egress to names (%s), since a NetworkPolicy knows addresses alone: use egressRules"
                            .formatted(String.join(", ", effective.network().allowedDomains())));
        }
        var network = networkProblems(world, effective, templates, settings);
        if (!network.isEmpty()) {
            return new Blocked(Conditions.NETWORK_ISOLATED, Reasons.APPLY_FAILED, String.join("; ", network));
        }
        if (world.runtimeClassMissing()) {
            return new Blocked(
                    Conditions.POD_READY,
                    Reasons.RUNTIME_CLASS_MISSING,
                    "RuntimeClass \"" + effective.spec().runtimeClass()
                            + "\" does not exist: create it or name another");
        }
        return new Resolved(effective, templates);
    }

    /**
     * A template of another namespace that names objects of this one: its author may not read them, and may name others tomorrow. Admission
     * refuses it when the sandbox is made; an edit of the template comes here first.
     */
    private static String strangers(World world, TemplateChain templates) {
        var home = world.sandbox().metadata().namespace();
        return templates.links().stream()
                .filter(link -> link.name().kind() == TemplateKind.NAMESPACED)
                .filter(link -> !link.name().namespace().equals(home))
                .map(link -> strangers(link, home))
                .filter(sentence -> !sentence.isEmpty())
                .collect(Collectors.joining("; "));
    }

    private static String strangers(TemplateChain.Link link, String home) {
        var fields = References.appeared(List.of(), References.of(link.spec(), home)).stream()
                .filter(reference -> reference.target().namespace().equals(home))
                .map(Reference::field)
                .collect(Collectors.joining(", "));
        return fields.isEmpty()
                ? ""
                : "%s of another namespace names objects of this one in %s: use a template of this namespace for that"
                        .formatted(link.name().text(), fields);
    }

    /**
     * A template that came to give more than whoever made the sandbox may have. Admission asked for the right when the sandbox was made; an edit of
     * the template, or of a parent, comes here first.
     */
    private static String denied(World world, TemplateChain templates) {
        var creator = world.sandbox().spec().createdBy();
        var who = creator == null || creator.sub() == null
                ? "it is not known who made the sandbox, so nobody's right to use it counts: make it anew"
                : "\"%s\", who made the sandbox, may not use it: grant verb use on it in the whole cluster, or make the sandbox from another template"
                        .formatted(creator.sub());
        return templates.links().stream()
                .filter(link -> link.name().kind() == TemplateKind.CLUSTER)
                .filter(link -> world.denied().contains(link.name().name()))
                .map(link -> "%s %s, and %s"
                        .formatted(
                                link.name().text(),
                                TemplatePower.of(link.spec()).orElse("gives more than others"),
                                who))
                .collect(Collectors.joining("; "));
    }

    /** Admission refuses it too; what is here slipped past it, and must not act. */
    private static String privilegeProblem(World world, TemplateChain templates) {
        var fromNamespace = templates.links().stream()
                .filter(link -> link.name().kind() != TemplateKind.CLUSTER)
                .anyMatch(link -> Privilege.claimed(link.spec()));
        return fromNamespace || Privilege.claimed(world.sandbox().spec().layer())
                ? "security.privileged: only a ClusterSandboxTemplate may say true: remove it and name a template that is privileged"
                : "";
    }

    private static List<String> networkProblems(
            World world, EffectiveSpec effective, TemplateChain templates, ClusterSettings settings) {
        var privileged = Destinations.openedByClusterOnly(world.sandbox(), templates);
        var problems = new ArrayList<>(Destinations.problems(effective.spec()));
        problems.addAll(NetworkRuleCheck.problems(
                Destinations.of(effective).in(effective.network()), privileged, settings.protectedCidrs()));
        return problems;
    }
}
