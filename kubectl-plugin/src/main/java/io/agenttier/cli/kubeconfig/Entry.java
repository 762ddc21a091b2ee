package io.agenttier.cli.kubeconfig;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cluster, user or context as it stands in a file.
 *
 * @param what for messages, for example {@code user "admin" in /home/me/.kube/config}
 * @param folder relative paths in it begin here
 */
record Entry(String what, Path folder, Map<?, ?> fields) {
    Optional<String> text(String key) throws KubeconfigException {
        Object value = fields.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof String || value instanceof Number) {
            var text = value.toString();
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
        }
        throw new KubeconfigException("%s: %s must be a text".formatted(what, key));
    }

    boolean isTrue(String key) throws KubeconfigException {
        Object value = fields.get(key);
        if (value == null || value instanceof Boolean) {
            return Boolean.TRUE.equals(value);
        }
        throw new KubeconfigException("%s: %s must be true or false".formatted(what, key));
    }

    /** Items of a list of texts; empty if there is none. */
    List<String> texts(String key) throws KubeconfigException {
        Object value = fields.get(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).toList();
        }
        throw new KubeconfigException("%s: %s must be a list of texts".formatted(what, key));
    }

    /** Objects of a list; empty if there is none. */
    List<Entry> objects(String key) throws KubeconfigException {
        Object value = fields.get(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list && list.stream().allMatch(Map.class::isInstance)) {
            return list.stream()
                    .map(item -> new Entry(what, folder, (Map<?, ?>) item))
                    .toList();
        }
        throw new KubeconfigException("%s: %s must be a list of objects".formatted(what, key));
    }

    @Nullable
    Entry object(String key) throws KubeconfigException {
        Object value = fields.get(key);
        if (value == null) {
            return null;
        }
        if (value instanceof Map<?, ?> map) {
            return new Entry(what, folder, map);
        }
        throw new KubeconfigException("%s: %s must be an object".formatted(what, key));
    }

    Optional<Path> path(String key) throws KubeconfigException {
        return text(key).map(folder::resolve);
    }

    /** The text of {@code <key>-data} (base64), else of the file that {@code <key>} names. */
    Optional<String> dataOrFile(String key) throws KubeconfigException {
        var data = text(key + "-data");
        if (data.isPresent()) {
            try {
                return Optional.of(new String(
                        Base64.getDecoder().decode(data.get().replaceAll("\\s", "")), StandardCharsets.ISO_8859_1));
            } catch (IllegalArgumentException e) {
                throw new KubeconfigException("%s: %s-data is no base64".formatted(what, key), e);
            }
        }
        var file = path(key);
        return file.isPresent() ? Optional.of(SmallFile.read(file.get(), what + ": " + key)) : Optional.empty();
    }
}
