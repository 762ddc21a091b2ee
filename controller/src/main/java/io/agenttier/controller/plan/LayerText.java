package io.agenttier.controller.plan;

import io.agenttier.api.TemplateSpec;
import io.agenttier.api.explain.Trees;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A layer as one text for an annotation: path and value of each leaf, where a value says its type and items of a list have numbers. Example:
 * {@code network.allowInternet=b:true network.egressRules.#0.cidr=s:10.0.0.0%2F8}.
 */
final class LayerText {
    /** Deeper paths than any field of a layer has are none of ours. */
    private static final int DEPTH_MAX = 12;

    private LayerText() {}

    static String of(TemplateSpec layer) {
        var leaves = new ArrayList<String>();
        flatten("", Trees.of(layer), leaves);
        return String.join(" ", leaves);
    }

    /** Empty for a text that {@link #of} never makes. */
    static Optional<TemplateSpec> parse(String text) {
        var tree = new LinkedHashMap<String, Object>();
        for (var leaf : text.isEmpty() ? new String[0] : text.split(" ", -1)) {
            var equals = leaf.indexOf('=');
            var path = leaf.substring(0, Math.max(equals, 0)).split("\\.", DEPTH_MAX + 1);
            var value = value(leaf.substring(equals + 1));
            if (path.length > DEPTH_MAX || value.isEmpty() || !put(tree, path, value.get())) {
                return Optional.empty();
            }
        }
        return nested(tree) instanceof Map<?, ?> layer
                ? Optional.of(Trees.record(TemplateSpec.class, layer)).filter(read -> of(read).equals(text))
                : Optional.empty();
    }

    private static void flatten(String path, @Nullable Object node, List<String> leaves) {
        switch (node) {
            case Map<?, ?> map ->
                map.forEach((key, value) -> flatten(below(path, encoded(String.valueOf(key))), value, leaves));
            case List<?> list -> {
                for (var i = 0; i < list.size(); i++) {
                    flatten(below(path, "#" + i), list.get(i), leaves);
                }
            }
            case Boolean truth -> leaves.add(path + "=b:" + truth);
            case Long number -> leaves.add(path + "=n:" + number);
            case null -> {}
            default -> leaves.add(path + "=s:" + encoded(node.toString()));
        }
    }

    private static String below(String path, String step) {
        return path.isEmpty() ? step : path + "." + step;
    }

    private static boolean put(Map<String, Object> tree, String[] path, Object value) {
        var here = tree;
        for (var i = 0; i < path.length - 1; i++) {
            if (!(here.computeIfAbsent(path[i], _ -> new Inner()) instanceof Inner next)) {
                return false;
            }
            here = next.children;
        }
        return here.put(path[path.length - 1], value) == null;
    }

    /** What has paths below it. */
    private static final class Inner {
        private final Map<String, Object> children = new LinkedHashMap<>();
    }

    /** Trees of maps and lists from paths. */
    private static Object nested(Map<String, Object> node) {
        var map = new LinkedHashMap<String, Object>();
        node.forEach((step, child) -> map.put(
                step.startsWith("#") ? step : decoded(step).orElse(""),
                child instanceof Inner inner ? nested(inner.children) : child));
        return !map.isEmpty() && map.keySet().stream().allMatch(step -> step.startsWith("#"))
                ? new ArrayList<>(map.values())
                : map;
    }

    private static Optional<Object> value(String text) {
        return switch (text.substring(0, Math.min(2, text.length()))) {
            case "b:" -> Optional.of(text.equals("b:true"));
            case "n:" -> number(text.substring(2));
            case "s:" -> decoded(text.substring(2)).map(Object.class::cast);
            default -> Optional.empty();
        };
    }

    private static Optional<Object> number(String digits) {
        try {
            return Optional.of(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace(".", "%2E");
    }

    private static Optional<String> decoded(String text) {
        try {
            return Optional.of(URLDecoder.decode(text, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
