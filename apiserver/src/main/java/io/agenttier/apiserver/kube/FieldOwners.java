package io.agenttier.apiserver.kube;

import io.kubernetes.client.openapi.models.V1ManagedFieldsEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who owns the items of {@code spec.ports}, by {@code managedFields}: an item is told as {@code k:{"port":8080}} and belongs to everyone who owns
 * anything of it. Pure.
 *
 * @param own items that are owned by server-side apply of {@code manager}
 * @param others the other managers, by port, each once
 */
record FieldOwners(List<Integer> own, Map<Integer, List<String>> others) {
    private static final String APPLY = "Apply";
    private static final String KEY_START = "k:{\"port\":";

    static FieldOwners of(@Nullable List<V1ManagedFieldsEntry> entries, String manager) {
        var own = new TreeSet<Integer>();
        var others = new TreeMap<Integer, List<String>>();
        for (var entry : entries == null ? List.<V1ManagedFieldsEntry>of() : entries) {
            for (int port : ports(entry)) {
                if (manager.equals(entry.getManager()) && APPLY.equals(entry.getOperation())) {
                    own.add(port);
                } else {
                    var known = others.computeIfAbsent(port, _ -> new ArrayList<>());
                    var name = entry.getManager() == null ? "" : entry.getManager();
                    if (!known.contains(name)) {
                        known.add(name);
                    }
                }
            }
        }
        return new FieldOwners(List.copyOf(own), others);
    }

    private static List<Integer> ports(V1ManagedFieldsEntry entry) {
        var ports = new ArrayList<Integer>();
        if (below(below(entry.getFieldsV1(), "f:spec"), "f:ports") instanceof Map<?, ?> items) {
            items.keySet().forEach(key -> port(String.valueOf(key)).ifPresent(ports::add));
        }
        return ports;
    }

    private static @Nullable Object below(@Nullable Object node, String key) {
        return node instanceof Map<?, ?> map ? map.get(key) : null;
    }

    private static Optional<Integer> port(String key) {
        var digits = key.startsWith(KEY_START) && key.endsWith("}")
                ? key.substring(KEY_START.length(), key.length() - 1)
                : "";
        return digits.matches("[0-9]{1,5}") ? Optional.of(Integer.parseInt(digits)) : Optional.empty();
    }
}
