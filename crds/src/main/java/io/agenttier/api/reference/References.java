package io.agenttier.api.reference;

import io.agenttier.api.Container;
import io.agenttier.api.EnvVar;
import io.agenttier.api.Harness;
import io.agenttier.api.KeyRef;
import io.agenttier.api.NetworkRule;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateRef;
import io.agenttier.api.TemplateSpec;
import io.agenttier.api.reference.Reference.Kind;
import io.agenttier.api.reference.Reference.Target;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects the references of a spec in the order of its fields. */
public final class References {
    private final String namespace;
    private final Set<Reference> found = new LinkedHashSet<>();

    private References(String namespace) {
        this.namespace = namespace;
    }

    /** References of a Sandbox of {@code namespace}, its own fields only. */
    public static Set<Reference> of(SandboxSpec spec, String namespace) {
        var references = new References(namespace);
        references.template("spec.templateRef", spec.templateRef());
        references.layer(spec.layer());
        references.add(Kind.VOLUME_SNAPSHOT, "spec.cloneFromSnapshot", spec.cloneFromSnapshot());
        return Set.copyOf(references.found);
    }

    /** References of a template whose sandboxes are in {@code namespace}. */
    public static Set<Reference> of(TemplateSpec spec, String namespace) {
        var references = new References(namespace);
        references.template("spec.inheritsFrom", spec.inheritsFrom());
        references.layer(spec);
        return Set.copyOf(references.found);
    }

    /** Those of {@code now} that are new or name something else than before, by field and name. */
    public static List<Reference> appeared(Collection<Reference> before, Collection<Reference> now) {
        return now.stream()
                .filter(reference -> !before.contains(reference))
                .sorted((a, b) -> a.field().equals(b.field())
                        ? a.target().name().compareTo(b.target().name())
                        : a.field().compareTo(b.field()))
                .toList();
    }

    private void template(String field, @Nullable TemplateRef ref) {
        if (ref == null || ref.templateKind() == TemplateKind.CLUSTER) {
            return;
        }
        var home = ref.namespace();
        if (home != null && !home.isEmpty() && !home.equals(namespace)) {
            found.add(new Reference(field, new Target(Kind.FOREIGN_TEMPLATE, home, ref.name()), ref));
        }
    }

    private void layer(TemplateSpec spec) {
        if (spec.image() != null) {
            add(Kind.SECRET, "spec.image.pullSecret", spec.image().pullSecret());
        }
        env("spec.env", spec.env());
        add(Kind.SERVICE_ACCOUNT, "spec.serviceAccount", spec.serviceAccount());
        for (var credential : spec.credentials()) {
            var name = credential.secretName();
            add(Kind.SECRET, "spec.credentials[%s].secretName".formatted(name), name, credential);
        }
        spec.sidecars().forEach(container -> container("spec.sidecars", container));
        spec.initContainers().forEach(container -> container("spec.initContainers", container));
        if (spec.harness() != null) {
            harness(spec.harness());
        }
        if (spec.network() != null) {
            services("spec.network.egressRules", spec.network().egressRules());
            services("spec.network.ingressRules", spec.network().ingressRules());
        }
        for (var file : spec.files()) {
            keys("spec.files[%s]".formatted(file.path()), file.configMapRef(), file.secretRef());
        }
    }

    private void harness(Harness harness) {
        var prompt = harness.systemPrompt();
        if (prompt != null) {
            keys("spec.harness.systemPrompt", prompt.configMapRef(), prompt.secretRef());
        }
        for (var skill : harness.skills()) {
            keys(
                    "spec.harness.skills[%s].content".formatted(skill.name()),
                    skill.content().configMapRef(),
                    skill.content().secretRef());
        }
        if (harness.agent() != null) {
            env("spec.harness.agent.env", harness.agent().env());
        }
    }

    private void container(String field, Container container) {
        var path = "%s[%s]".formatted(field, container.name());
        env(path + ".env", container.env());
        for (var source : container.envFrom()) {
            if (source.configMapRef() != null) {
                var name = source.configMapRef().name();
                add(Kind.CONFIG_MAP, "%s.envFrom[%s].configMapRef".formatted(path, name), name, source);
            }
            if (source.secretRef() != null) {
                var name = source.secretRef().name();
                add(Kind.SECRET, "%s.envFrom[%s].secretRef".formatted(path, name), name, source);
            }
        }
    }

    private void env(String field, List<EnvVar> env) {
        for (var variable : env) {
            var source = variable.valueFrom();
            if (source == null) {
                continue;
            }
            var path = "%s[%s].valueFrom".formatted(field, variable.name());
            if (source.configMapKeyRef() != null) {
                var key = source.configMapKeyRef();
                add(Kind.CONFIG_MAP, path + ".configMapKeyRef", key.name(), key);
            }
            if (source.secretKeyRef() != null) {
                var key = source.secretKeyRef();
                add(Kind.SECRET, path + ".secretKeyRef", key.name(), key);
            }
        }
    }

    private void services(String field, List<NetworkRule> rules) {
        for (var rule : rules) {
            var service = rule.serviceRef();
            if (service != null) {
                var path = "%s[%s].serviceRef".formatted(field, service.name());
                var target = new Target(Kind.SERVICE, service.namespaceOr(namespace), service.name());
                found.add(new Reference(path, target, rule));
            }
        }
    }

    private void keys(String field, @Nullable KeyRef configMap, @Nullable KeyRef secret) {
        if (configMap != null) {
            add(Kind.CONFIG_MAP, field + ".configMapRef", configMap.name(), configMap);
        }
        if (secret != null) {
            add(Kind.SECRET, field + ".secretRef", secret.name(), secret);
        }
    }

    /** A field that is a name: the empty string names nothing. */
    private void add(Kind kind, String field, @Nullable String name) {
        if (name != null && !name.isEmpty()) {
            add(kind, field, name, name);
        }
    }

    private void add(Kind kind, String field, String name, Object use) {
        found.add(new Reference(field, new Target(kind, namespace, name), use));
    }
}
