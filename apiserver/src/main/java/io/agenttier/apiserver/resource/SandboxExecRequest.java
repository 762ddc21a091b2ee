package io.agenttier.apiserver.resource;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Body of POST {@code exec}, as sent: nothing is checked yet. Absent fields are null.
 *
 * @param command program and arguments; or {@code script}
 * @param script text for {@code sh -c}
 * @param timeoutSeconds 0 for none; absent: 30 for one JSON answer, else none
 * @param stdin all of standard input as text; or {@code stdinBase64}
 * @param process own name for the process; the same name again is the same process
 * @param openStdin standard input comes by attach, with {@code detach}
 * @param tty a terminal, with {@code detach}
 * @param cols columns of the terminal, 1–1000; 120
 * @param rows rows of the terminal, 1–1000; 40
 * @param detach answer with the id as soon as it runs
 * @param onFull {@code wait} or {@code drop}, with {@code detach}
 */
public record SandboxExecRequest(
        @Nullable String apiVersion,
        @Nullable String kind,
        @Nullable List<@Nullable String> command,
        @Nullable String script,
        @Nullable Long timeoutSeconds,
        @Nullable String stdin,
        @Nullable String stdinBase64,
        @Nullable Map<String, @Nullable String> env,
        @Nullable String workingDir,
        @Nullable String process,
        @Nullable Boolean openStdin,
        @Nullable Boolean tty,
        @Nullable Integer cols,
        @Nullable Integer rows,
        @Nullable Boolean detach,
        @Nullable String onFull) {
    /** Kind in discovery and in errors. */
    public static final String KIND = "SandboxExecRequest";

    boolean isDetached() {
        return Boolean.TRUE.equals(detach);
    }
}
