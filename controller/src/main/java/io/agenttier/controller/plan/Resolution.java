package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.FieldError;
import io.agenttier.api.Reasons;
import io.agenttier.api.SupportedFields;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateOrigin;
import io.agenttier.api.TemplateSpec;
import io.agenttier.api.merge.EffectiveRules;
import io.agenttier.api.merge.EffectiveSpec;
import io.agenttier.api.merge.Merge;
import io.agenttier.api.reference.Reference;
import io.agenttier.api.reference.References;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a sandbox asks for in the end, or why that cannot be said or done. */
sealed interface Resolution {
    /** @param origin the template used, if any */
    record Resolved(EffectiveSpec effective, @Nullable TemplateOrigin origin) implements Resolution {
        String templateName() {
            return origin == null ? "" : origin.name();
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
        return switch (world.template()) {
            case TemplateLookup.Missing m ->
                new Blocked(Conditions.TEMPLATE_RESOLVED, Reasons.TEMPLATE_NOT_FOUND, missing(m.origin()));
            case TemplateLookup.None _ -> checked(world, null, null, settings);
            case TemplateLookup.Found f -> checked(world, f.spec(), f.origin(), settings);
        };
    }

    private static Resolution checked(
            World world, @Nullable TemplateSpec template, @Nullable TemplateOrigin origin, ClusterSettings settings) {
        var effective = Merge.effective(world.sandbox().spec(), template, settings.defaults());
        var unsupported = SupportedFields.unsupported(effective.spec(), template);
        if (!unsupported.isEmpty()) {
            return new Blocked(
                    Conditions.READY,
                    Reasons.NOT_SUPPORTED,
                    "this version does not support " + String.join(", ", unsupported) + ": remove what is set there");
        }
        var strangers = strangers(world, template, origin);
        if (!strangers.isEmpty()) {
            return new Blocked(Conditions.TEMPLATE_RESOLVED, Reasons.FORBIDDEN, strangers);
        }
        var errors = EffectiveRules.check(effective);
        if (!errors.isEmpty()) {
            return new Blocked(
                    Conditions.TEMPLATE_RESOLVED,
                    Reasons.INVALID_TEMPLATE,
                    errors.stream().map(FieldError::sentence).collect(Collectors.joining("; ")));
        }
        var privilege = privilegeProblem(world, template, origin);
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
        var network = networkProblems(world, effective, origin, settings);
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
        return new Resolved(effective, origin);
    }

    /**
     * A template of another namespace that names objects of this one: its author may not read them, and may name others tomorrow. Admission
     * refuses it when the sandbox is made; an edit of the template comes here first.
     */
    private static String strangers(World world, @Nullable TemplateSpec template, @Nullable TemplateOrigin origin) {
        var home = world.sandbox().metadata().namespace();
        if (template == null
                || origin == null
                || origin.namespace() == null
                || origin.namespace().equals(home)) {
            return "";
        }
        var fields = References.appeared(List.of(), References.of(template, home)).stream()
                .filter(reference -> reference.target().kind() != Reference.Kind.FOREIGN_TEMPLATE)
                .map(Reference::field)
                .collect(Collectors.joining(", "));
        return fields.isEmpty()
                ? ""
                : "%s \"%s/%s\" of another namespace names objects of this one in %s: use a template of this namespace for that"
                        .formatted(origin.kind(), origin.namespace(), origin.name(), fields);
    }

    /** Admission refuses it too; what is here slipped past it, and must not act. */
    private static String privilegeProblem(
            World world, @Nullable TemplateSpec template, @Nullable TemplateOrigin origin) {
        var fromNamespace = template != null
                && (origin == null || !TemplateKind.CLUSTER.wire().equals(origin.kind()))
                && Privilege.claimed(template);
        return fromNamespace || Privilege.claimed(world.sandbox().spec().layer())
                ? "security.privileged: only a ClusterSandboxTemplate may say true: remove it and name a template that is privileged"
                : "";
    }

    private static List<String> networkProblems(
            World world, EffectiveSpec effective, @Nullable TemplateOrigin origin, ClusterSettings settings) {
        var fromSandbox = Destinations.opens(world.sandbox().spec());
        var privileged =
                !fromSandbox && origin != null && TemplateKind.CLUSTER.wire().equals(origin.kind());
        var problems = new ArrayList<>(Destinations.problems(effective.spec()));
        problems.addAll(NetworkRuleCheck.problems(
                Destinations.of(effective).in(effective.network()), privileged, settings.protectedCidrs()));
        return problems;
    }

    private static String missing(TemplateOrigin origin) {
        var where = origin.namespace() == null ? "" : " in namespace \"" + origin.namespace() + "\"";
        return origin.kind() + " \"" + origin.name() + "\" does not exist" + where + ": create it or name another";
    }
}
