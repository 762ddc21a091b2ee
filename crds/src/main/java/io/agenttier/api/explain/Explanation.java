package io.agenttier.api.explain;

import io.agenttier.api.SandboxSpec;
import io.agenttier.api.TemplateSpec;
import io.agenttier.api.merge.ClusterDefaults;
import io.agenttier.api.merge.EffectiveSpec;
import io.agenttier.api.merge.Merge;
import io.agenttier.api.merge.TemplateChain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a sandbox asks for in the end, and where each value comes from.
 *
 * @param spec the effective spec as a tree
 * @param values its leaves in order; an item of a list is one of them as a whole
 */
public record Explanation(Map<String, Object> spec, List<Value> values) {
    /** Origin of what the administrator of the cluster set. */
    public static final String CLUSTER_DEFAULT = "cluster default";

    /** Origin of a default of the cluster that would be above a limit somebody set. */
    public static final String LOWERED = "cluster default, lowered to the limit";

    /** Origin of what holds where nobody says anything. */
    public static final String BUILT_IN = "built-in";

    /**
     * @param field for example {@code spec.env[PATH]}
     * @param origin for example {@code SandboxTemplate team1/base}
     */
    public record Value(String field, Object value, String origin) {}

    public Explanation {
        values = List.copyOf(values);
    }

    /**
     * @param origin how the sandbox itself is called
     * @param templates whole, or what is shown makes no sandbox
     * @param published the defaults of the cluster in the shape of a template; {@link TemplateSpec#EMPTY} if it publishes none
     */
    public static Explanation of(SandboxSpec sandbox, String origin, TemplateChain templates, TemplateSpec published) {
        var effective = Merge.effective(sandbox, templates.layer(), ClusterDefaults.published(published));
        var layers = new ArrayList<Layer>();
        layers.add(new Layer(origin, Trees.of(sandbox)));
        for (var link : templates.links()) {
            var name = link.name();
            var where = name.namespace().isEmpty() ? "" : name.namespace() + "/";
            layers.add(new Layer(name.kind().wire() + " " + where + name.name(), Trees.of(link.spec())));
        }
        layers.add(new Layer(CLUSTER_DEFAULT, Trees.of(published)));
        var spec = tree(effective);
        return new Explanation(spec, new Origins(layers).of(spec));
    }

    /** With what is not in the spec of a sandbox, or has its default in the code that acts on it. */
    private static Map<String, Object> tree(EffectiveSpec effective) {
        var spec = Trees.of(effective.spec());
        if (!effective.initScripts().isEmpty()) {
            spec.put("initScripts", effective.initScripts());
        }
        putUnder(spec, "storage", "ephemeral", effective.ephemeral());
        putUnder(spec, "storage", "shared", effective.shared());
        putUnder(spec, "network", "allowPeerSandboxes", effective.allowPeerSandboxes());
        putUnder(spec, "harness", "workingDir", effective.workingDir());
        return spec;
    }

    private static void putUnder(Map<String, Object> spec, String object, String key, Object value) {
        var inner = new LinkedHashMap<String, Object>();
        if (spec.get(object) instanceof Map<?, ?> old) {
            old.forEach((name, there) -> inner.put(String.valueOf(name), there));
        }
        inner.put(key, value);
        spec.put(object, inner);
    }
}
