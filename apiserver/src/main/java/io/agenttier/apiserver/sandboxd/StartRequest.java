package io.agenttier.apiserver.sandboxd;

import io.agenttier.apiserver.codec.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A process to start, class {@code exec}.
 *
 * @param name the caller's own name for it, 1–63 of {@code [A-Za-z0-9._-]}, or null
 * @param argv program and arguments; empty if {@code script} is given
 * @param script for {@code sh -c}; empty if {@code argv} is given
 * @param cwd empty for the sandbox's own
 * @param stdinBase64 all of standard input
 * @param timeoutMs 0 for none
 * @param keep goes on without a reader; else it is cancelled when none is left for the grace
 * @param waitWhenFull output waits for a reader when the spool is full; else the oldest bytes are dropped
 * @param openStdin standard input comes by attach; then {@code stdinBase64} is empty
 * @param terminal its terminal, or null for pipes
 */
public record StartRequest(
        @Nullable String name,
        List<String> argv,
        String script,
        Map<String, String> env,
        String cwd,
        String stdinBase64,
        long timeoutMs,
        boolean keep,
        boolean waitWhenFull,
        boolean openStdin,
        @Nullable TerminalSize terminal) {
    public StartRequest {
        argv = List.copyOf(argv);
        env = Map.copyOf(env);
    }

    byte[] json() {
        return Json.write(fields());
    }

    /** As they go over the wire, in their order; for the caller to add to. */
    Map<String, Object> fields() {
        var json = new LinkedHashMap<String, Object>();
        json.put("class", "exec");
        json.put("name", name == null ? "" : name);
        json.put("argv", argv);
        json.put("script", script);
        json.put("env", env);
        json.put("cwd", cwd);
        json.put("stdinBase64", stdinBase64);
        json.put("timeoutMs", timeoutMs);
        json.put("onDisconnect", keep ? "keep" : "cancel");
        json.put("onFull", waitWhenFull ? "wait" : "drop");
        if (openStdin) {
            json.put("openStdin", true);
        }
        if (terminal != null) {
            json.put("tty", true);
            json.put("cols", terminal.cols());
            json.put("rows", terminal.rows());
        }
        return json;
    }
}
