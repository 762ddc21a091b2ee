package io.agenttier.controller.plan;

import io.agenttier.api.Constraints;
import io.agenttier.api.GoDuration;
import io.agenttier.api.Harness;
import io.agenttier.api.Quantity;
import io.agenttier.controller.sandboxd.Hook;
import io.agenttier.controller.sandboxd.StartPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What sandboxd does in the pod of one start. */
final class DesiredStartPlan {
    private DesiredStartPlan() {}

    static StartPlan of(Start start) {
        var effective = start.effective();
        var harness = effective.spec().harness();
        var shell = harness == null || harness.shell() == null ? "" : harness.shell();
        return new StartPlan(
                StartPlan.VERSION,
                start.incarnation(),
                start.sandbox().metadata().namespace(),
                start.sandbox().metadata().name(),
                effective.mountPath(),
                effective.workingDir(),
                shell,
                command(harness),
                DesiredFiles.of(effective).files(),
                effective.initScripts(),
                start.settings().initTimeout().toSeconds(),
                tools(harness),
                hooks(harness),
                start.settings().hookTimeout().toSeconds(),
                constraints(harness == null ? null : harness.constraints()),
                start.settings().spoolBytes(),
                start.settings().disconnectGrace().toSeconds());
    }

    private static List<String> command(@Nullable Harness harness) {
        var command = new ArrayList<String>();
        if (harness != null && !harness.command().isEmpty()) {
            command.addAll(harness.command());
            command.addAll(harness.args());
        }
        return command;
    }

    private static List<StartPlan.Tool> tools(@Nullable Harness harness) {
        return harness == null
                ? List.of()
                : harness.tools().stream()
                        .map(t -> new StartPlan.Tool(
                                t.name(), text(t.version()), text(t.verifyCommand()), text(t.installCommand())))
                        .toList();
    }

    private static Map<String, String> hooks(@Nullable Harness harness) {
        var scripts = new TreeMap<String, String>();
        if (harness != null) {
            for (var kind : Hook.Kind.values()) {
                var script = PodHarness.script(harness, kind);
                if (!script.isEmpty()) {
                    scripts.put(kind.wire(), script);
                }
            }
        }
        return scripts;
    }

    private static StartPlan.@Nullable Constraints constraints(@Nullable Constraints set) {
        if (set == null) {
            return null;
        }
        var size = Quantity.parse(set.maxFileSize()).map(Quantity::roundedUp);
        var timeout = GoDuration.parse(set.maxCommandTimeout()).filter(d -> d.isPositive());
        if (size.isEmpty()
                && timeout.isEmpty()
                && set.restrictedCommands().isEmpty()
                && set.restrictedPaths().isEmpty()) {
            return null;
        }
        return new StartPlan.Constraints(
                size.orElse(null),
                timeout.map(d -> Math.max(1, d.toMillis())).orElse(0L),
                set.restrictedCommands(),
                set.restrictedPaths());
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
