package io.agenttier.api.explain;

import io.agenttier.api.explain.Explanation.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the layer of each value. By every rule of the merge a value is that of the nearest layer which has an equal one at the same place: a
 * nearer layer with another value there would have won. So no rule is repeated here.
 */
final class Origins {
    /** Fields that tell the items of a list apart, for people. */
    private static final List<String> KEYS = List.of("name", "path", "secretName", "port");

    private final List<Layer> layers;
    private final List<Value> values = new ArrayList<>();

    /** @param layers nearest first, defaults of the cluster last */
    Origins(List<Layer> layers) {
        this.layers = List.copyOf(layers);
    }

    List<Value> of(Map<String, Object> spec) {
        walk("spec", spec, layers.stream().<@Nullable Object>map(Layer::tree).toList());
        return values;
    }

    /** @param there what each layer has at this place */
    private void walk(String field, Object value, List<? extends @Nullable Object> there) {
        if (value instanceof Map<?, ?> object) {
            object.forEach((key, inner) -> walk(field + step(String.valueOf(key)), inner, at(there, key)));
        } else if (value instanceof List<?> items) {
            for (var i = 0; i < items.size(); i++) {
                var item = items.get(i);
                values.add(new Value(field + "[" + key(item, i) + "]", item, origin(item, there)));
            }
        } else {
            values.add(new Value(field, value, origin(value, there)));
        }
    }

    private String origin(Object value, List<? extends @Nullable Object> there) {
        for (var i = 0; i < layers.size(); i++) {
            var candidate = there.get(i);
            if (value.equals(candidate) || (candidate instanceof List<?> items && items.contains(value))) {
                return layers.get(i).origin();
            }
        }
        return there.getLast() == null ? Explanation.BUILT_IN : Explanation.LOWERED;
    }

    private static List<@Nullable Object> at(List<? extends @Nullable Object> there, Object key) {
        var inner = new ArrayList<@Nullable Object>();
        there.forEach(tree -> inner.add(tree instanceof Map<?, ?> object ? object.get(key) : null));
        return inner;
    }

    private static String step(String key) {
        return key.matches("[A-Za-z0-9]+") ? "." + key : "[" + key + "]";
    }

    private static String key(Object item, int index) {
        if (item instanceof Map<?, ?> object) {
            for (var key : KEYS) {
                if (object.get(key) != null) {
                    return String.valueOf(object.get(key));
                }
            }
        }
        return String.valueOf(index);
    }
}
