package io.agenttier.controller.plan;

import io.agenttier.api.Harness;
import io.agenttier.controller.sandboxd.Hook;
import io.kubernetes.client.openapi.models.V1Pod;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which hooks the start plan of a pod has and whether it has tools, kept in an annotation of the pod: what a template says today need not be what
 * the pod started with. Example: {@code tools onStart onStop}.
 */
record PodHarness(boolean tools, Set<Hook.Kind> hooks) {
    static final String ANNOTATION = "agenttier.io/harness";
    private static final String TOOLS = "tools";

    PodHarness {
        hooks = hooks.isEmpty() ? Set.of() : EnumSet.copyOf(hooks);
    }

    static PodHarness of(@Nullable Harness harness) {
        if (harness == null) {
            return new PodHarness(false, Set.of());
        }
        var hooks = EnumSet.noneOf(Hook.Kind.class);
        for (var kind : Hook.Kind.values()) {
            if (!script(harness, kind).isEmpty()) {
                hooks.add(kind);
            }
        }
        return new PodHarness(!harness.tools().isEmpty(), hooks);
    }

    /** What a pod's annotation says; nothing for a pod without it. */
    static PodHarness of(V1Pod pod) {
        var annotations = pod.getMetadata() == null ? null : pod.getMetadata().getAnnotations();
        var text = annotations == null ? "" : annotations.getOrDefault(ANNOTATION, "");
        var words = List.of(text.split(" ", -1));
        var hooks = EnumSet.noneOf(Hook.Kind.class);
        words.forEach(word -> Hook.Kind.parse(word).ifPresent(hooks::add));
        return new PodHarness(words.contains(TOOLS), hooks);
    }

    /** Shell text of a hook; empty for none. */
    static String script(Harness harness, Hook.Kind kind) {
        var hooks = harness.hooks();
        var script = hooks == null
                ? null
                : switch (kind) {
                    case ON_START -> hooks.onStart();
                    case ON_RESUME -> hooks.onResume();
                    case ON_IDLE -> hooks.onIdle();
                    case ON_STOP -> hooks.onStop();
                };
        return script == null ? "" : script;
    }

    boolean isEmpty() {
        return !tools && hooks.isEmpty();
    }

    String text() {
        var words = new ArrayList<String>();
        if (tools) {
            words.add(TOOLS);
        }
        hooks.forEach(kind -> words.add(kind.wire()));
        return String.join(" ", words);
    }
}
