package io.agenttier.cli.kubeconfig;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Several files merged as kubectl merges them: of each name the first file's entry counts whole, the first {@code current-context} wins.
 *
 * @param currentContext empty if no file names one
 */
record Kubeconfig(
        String currentContext, Map<String, Entry> contexts, Map<String, Entry> clusters, Map<String, Entry> users) {
    /**
     * One file, read but not yet merged.
     *
     * @param fields its document, empty if it is an empty file
     */
    record Source(Path file, Map<?, ?> fields) {}

    static Kubeconfig merge(List<Source> sources) throws KubeconfigException {
        var current = "";
        var contexts = new LinkedHashMap<String, Entry>();
        var clusters = new LinkedHashMap<String, Entry>();
        var users = new LinkedHashMap<String, Entry>();
        for (var source : sources) {
            var whole = new Entry(source.file().toString(), folder(source.file()), source.fields());
            if (current.isEmpty()) {
                current = whole.text("current-context").orElse("");
            }
            add(whole, "context", contexts);
            add(whole, "cluster", clusters);
            add(whole, "user", users);
        }
        return new Kubeconfig(current, contexts, clusters, users);
    }

    boolean isEmpty() {
        return contexts.isEmpty() && clusters.isEmpty() && users.isEmpty() && currentContext.isEmpty();
    }

    /** @throws KubeconfigException if there is no such context; the message lists those that are */
    Entry context(String name) throws KubeconfigException {
        var context = contexts.get(name);
        if (context == null) {
            throw new KubeconfigException("context \"%s\" does not exist; there is %s"
                    .formatted(name, contexts.isEmpty() ? "none" : String.join(", ", contexts.keySet())));
        }
        return context;
    }

    Optional<Entry> cluster(String name) {
        return Optional.ofNullable(clusters.get(name));
    }

    Optional<Entry> user(String name) {
        return Optional.ofNullable(users.get(name));
    }

    private static void add(Entry whole, String kind, Map<String, Entry> into) throws KubeconfigException {
        for (var item : whole.objects(kind + "s")) {
            var name = item.text("name")
                    .orElseThrow(() -> new KubeconfigException("%s: a %s has no name".formatted(whole.what(), kind)));
            var body = item.object(kind);
            var what = "%s \"%s\" in %s".formatted(kind, name, whole.what());
            into.putIfAbsent(name, new Entry(what, whole.folder(), body == null ? Map.of() : body.fields()));
        }
    }

    private static Path folder(Path file) {
        var folder = file.toAbsolutePath().getParent();
        return folder == null ? Path.of("/") : folder;
    }
}
