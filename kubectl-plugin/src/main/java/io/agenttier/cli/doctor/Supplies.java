package io.agenttier.cli.doctor;

import io.agenttier.cli.json.Json;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What sandboxes ask of the cluster besides AgentTier: volumes, runtimes, snapshots. */
public final class Supplies {
    private static final String DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

    private Supplies() {}

    /** @param classes StorageClasses */
    public static Finding storage(Answer classes) {
        var check = "storage";
        var name = "set annotation %s=true on one StorageClass, or storage.class in every template"
                .formatted(DEFAULT_CLASS);
        if (!(classes instanceof Answer.Found found)) {
            return classes.otherwise(check, Finding.warn(check, "StorageClasses are not served", name));
        }
        var defaults = found.document().at("items").items().stream()
                .filter(one -> one.at("metadata", "annotations", DEFAULT_CLASS)
                        .textOrEmpty()
                        .equals("true"))
                .toList();
        if (defaults.isEmpty()) {
            return Finding.warn(
                    check, "no StorageClass is the default: sandboxes that name none wait for a volume", name);
        }
        var names = names(defaults);
        if (defaults.size() > 1) {
            return Finding.warn(
                    check, "several StorageClasses are the default: " + names, "leave the annotation on one of them");
        }
        return Finding.ok(
                check,
                "StorageClass %s is the default%s"
                        .formatted(
                                names,
                                defaults.getFirst().at("allowVolumeExpansion").isTrue()
                                        ? ""
                                        : "; its volumes cannot grow"));
    }

    /**
     * @param classes RuntimeClasses
     * @param templates ClusterSandboxTemplates
     */
    public static Finding runtimes(Answer classes, Answer templates) {
        var check = "runtimeclass";
        if (!(classes instanceof Answer.Found found)) {
            return classes.otherwise(
                    check, Finding.warn(check, "RuntimeClasses are not served", "see the version of Kubernetes"));
        }
        var present = found.document().at("items").items().stream()
                .map(one -> one.at("metadata", "name").textOrEmpty())
                .collect(Collectors.toSet());
        var items = templates instanceof Answer.Found list
                ? list.document().at("items").items()
                : List.<Json>of();
        var asked = new TreeSet<String>();
        items.stream()
                .map(template -> template.at("spec", "runtimeClass").textOrEmpty())
                .filter(name -> !name.isEmpty() && !present.contains(name))
                .forEach(asked::add);
        return asked.isEmpty()
                ? Finding.ok(check, "no ClusterSandboxTemplate names a RuntimeClass that is missing")
                : Finding.warn(
                        check,
                        "ClusterSandboxTemplates name RuntimeClasses that do not exist: " + String.join(", ", asked),
                        "create them: until then no sandbox starts from these templates");
    }

    /** @param classes VolumeSnapshotClasses */
    public static Finding snapshots(Answer classes) {
        var check = "snapshots";
        if (!(classes instanceof Answer.Found found)) {
            return classes.otherwise(
                    check,
                    Finding.warn(
                            check,
                            "the cluster knows no snapshots: sandboxes cannot be cloned or backed up",
                            "install the CRDs and the controller of kubernetes-csi/external-snapshotter"));
        }
        var items = found.document().at("items").items();
        return items.isEmpty()
                ? Finding.warn(
                        check, "there is no VolumeSnapshotClass", "create one for the driver of your StorageClass")
                : Finding.ok(check, "VolumeSnapshotClasses: " + names(items));
    }

    private static String names(List<Json> objects) {
        return objects.stream()
                .flatMap(one -> Stream.of(one.at("metadata", "name").textOrEmpty()))
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
