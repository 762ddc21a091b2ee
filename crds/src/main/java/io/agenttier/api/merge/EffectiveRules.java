package io.agenttier.api.merge;

import io.agenttier.api.Container;
import io.agenttier.api.FieldError;
import io.agenttier.api.Quantity;
import io.agenttier.api.ResourceRequirements;
import io.agenttier.api.SandboxSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the schema cannot see, because it holds for the merged layers and not for each of them. */
public final class EffectiveRules {
    private final List<FieldError> errors = new ArrayList<>();

    private EffectiveRules() {}

    /** The errors of an effective spec; empty when a pod can be made of it. */
    public static List<FieldError> check(EffectiveSpec effective) {
        var rules = new EffectiveRules();
        rules.image(effective.spec());
        rules.resources(effective.resources());
        rules.storage(effective);
        rules.credentials(effective);
        rules.files(effective);
        rules.containers(effective.spec());
        return List.copyOf(rules.errors);
    }

    private void image(SandboxSpec spec) {
        var image = spec.image();
        if (image != null && image.repository() != null && !image.repository().isEmpty()) return;
        add("spec.image.repository", "", "neither the sandbox nor its template names an image; set it in one of them");
    }

    private void resources(ResourceRequirements resources) {
        resources.requests().forEach((name, request) -> {
            var limit = resources.limits().get(name);
            if (limit != null && exceeds(request, limit)) {
                var expected =
                        "at most the limit of " + limit + "; lower the request or raise spec.resources.limits." + name;
                add("spec.resources.requests." + name, request, expected);
            }
        });
    }

    private void storage(EffectiveSpec effective) {
        if (Quantity.parse(effective.storageSize()).filter(Quantity::positive).isEmpty()) {
            add("spec.storage.size", effective.storageSize(), "expected a quantity greater than 0, such as 10Gi");
        }
        if (!effective.ephemeral()) return;
        var storage = effective.spec().storage();
        if (effective.shared()) conflictsWithEphemeral("spec.storage.shared", "true");
        if (storage != null && Objects.equals(storage.snapshotOnStop(), true)) {
            conflictsWithEphemeral("spec.storage.snapshotOnStop", "true");
        }
        var snapshot = effective.spec().cloneFromSnapshot();
        if (snapshot != null) conflictsWithEphemeral("spec.cloneFromSnapshot", snapshot);
    }

    private void conflictsWithEphemeral(String path, String value) {
        add(path, value, "needs a volume claim; remove it or set spec.storage.ephemeral to false");
    }

    private void credentials(EffectiveSpec effective) {
        var taken = new HashSet<String>();
        for (var credential : effective.spec().credentials()) {
            var path = credential.mountPath();
            if (!"file".equals(credential.mountAs())) continue;
            var field = "spec.credentials[" + credential.secretName() + "].mountPath";
            if (path == null) {
                add(field, "", "mountAs file needs a folder; set it");
                continue;
            }
            var inTheWay = MountPaths.conflict(path, effective.mountPath());
            if (inTheWay.isPresent()) add(field, path, inTheWay.get());
            else if (taken.stream().anyMatch(other -> MountPaths.overlap(path, other)))
                add(field, path, "expected a folder that no other credential has; choose another");
            taken.add(path);
        }
    }

    private void files(EffectiveSpec effective) {
        for (var file : effective.spec().files()) {
            if (file.path().startsWith("/") && !file.path().startsWith(effective.mountPath() + "/")) {
                var expected = "expected a path below spec.storage.mountPath (" + effective.mountPath() + "/)";
                add("spec.files[" + file.path() + "].path", file.path(), expected);
            }
        }
    }

    private void containers(SandboxSpec spec) {
        var names = new HashSet<String>();
        Stream.concat(spec.initContainers().stream(), spec.sidecars().stream())
                .map(Container::name)
                .filter(name -> !names.add(name))
                .forEach(name -> add(
                        "spec.sidecars[" + name + "].name", name, "an init container has that name too; rename one"));
        spec.initContainers().forEach(container -> container("spec.initContainers", container));
        spec.sidecars().forEach(container -> container("spec.sidecars", container));
        for (var container : spec.initContainers()) {
            if (container.livenessProbe() != null
                    || container.readinessProbe() != null
                    || container.startupProbe() != null) {
                var field = "spec.initContainers[" + container.name() + "]";
                add(field, container.name(), "an init container cannot have probes; remove them or make it a sidecar");
            }
        }
    }

    private void container(String list, Container container) {
        var name = container.name();
        if (name.startsWith("agenttier-"))
            add(list + "[" + name + "].name", name, "names that start with agenttier- are reserved; choose another");
    }

    private static boolean exceeds(String request, @Nullable String limit) {
        var wanted = Quantity.parse(request);
        var most = Quantity.parse(limit);
        return wanted.isPresent() && most.isPresent() && wanted.get().compareTo(most.get()) > 0;
    }

    private void add(String path, String value, String expected) {
        errors.add(new FieldError(path, value, expected));
    }
}
