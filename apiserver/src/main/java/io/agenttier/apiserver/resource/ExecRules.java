package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError.Cause;
import io.agenttier.apiserver.sandboxd.StartRequest;
import io.agenttier.apiserver.sandboxd.TerminalSize;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From the body of an exec to a process to start, or to everything that is wrong with it. Pure. */
final class ExecRules {
    static final int DEFAULT_JSON_SECONDS = 30;

    private static final long MAX_SECONDS = 365L * 24 * 3600;
    private static final int MAX_PATH = 4096;
    private static final int MAX_ENV_NAME = 256;
    private static final String RESERVED = "AGENTTIER_";

    private static final String REQUIRED = "FieldValueRequired";
    private static final String INVALID = "FieldValueInvalid";
    private static final String FORBIDDEN = "FieldValueForbidden";
    private static final String NOT_SUPPORTED = "FieldValueNotSupported";
    private static final String TOO_LONG = "FieldValueTooLong";

    private ExecRules() {}

    sealed interface Checked {
        record Good(StartRequest start) implements Checked {}

        /** @param causes one each field that is wrong, in the order of the fields; not empty */
        record Bad(List<Cause> causes) implements Checked {}
    }

    /**
     * @param asEvents the answer is a stream of events, which may last for ever
     * @param keep the process goes on without a reader
     * @param derivedName name for a request without one, from its idempotency key
     */
    static Checked check(SandboxExecRequest request, boolean asEvents, boolean keep, Optional<String> derivedName) {
        var causes = new ArrayList<>(DocumentType.check(request.apiVersion(), request.kind(), SandboxExecRequest.KIND));
        checkProgram(request, causes);
        checkTime(request.timeoutSeconds(), causes);
        var stdin = stdin(request, causes);
        var env = env(request.env(), causes);
        checkPlace(request.workingDir(), causes);
        checkName(request.process(), causes);
        checkModes(request, causes);
        if (!causes.isEmpty()) {
            return new Checked.Bad(List.copyOf(causes));
        }
        var argv = request.command() == null
                ? List.<String>of()
                : request.command().stream().map(Objects::requireNonNull).toList();
        boolean detached = request.isDetached();
        return new Checked.Good(new StartRequest(
                request.process() != null ? request.process() : derivedName.orElse(null),
                argv,
                text(request.script()),
                env,
                text(request.workingDir()),
                stdin,
                timeoutMs(request.timeoutSeconds(), asEvents || detached),
                keep || detached,
                "wait".equals(request.onFull()),
                Boolean.TRUE.equals(request.openStdin()),
                terminal(request)));
    }

    private static long timeoutMs(@Nullable Long seconds, boolean endless) {
        if (seconds != null) {
            return seconds * 1000;
        }
        return endless ? 0 : DEFAULT_JSON_SECONDS * 1000L;
    }

    private static void checkProgram(SandboxExecRequest request, List<Cause> causes) {
        var command = request.command();
        boolean hasCommand = command != null && !command.isEmpty();
        boolean hasScript = !text(request.script()).isEmpty();
        if (hasCommand && hasScript) {
            causes.add(new Cause(FORBIDDEN, "script", "may not be given together with command: choose one"));
        } else if (!hasCommand && !hasScript) {
            causes.add(new Cause(
                    REQUIRED, "command", "give command, a list of program and arguments, or script, text for sh -c"));
        }
        if (command != null) {
            for (int i = 0; i < command.size(); i++) {
                var argument = command.get(i);
                var field = "command[%d]".formatted(i);
                if (argument == null) {
                    causes.add(new Cause(INVALID, field, "is null, expected a string"));
                } else if (hasNul(argument)) {
                    causes.add(new Cause(INVALID, field, "holds a NUL character, which no argument can"));
                } else if (i == 0 && argument.isEmpty()) {
                    causes.add(new Cause(REQUIRED, field, "is empty, expected the program to run"));
                }
            }
        }
        if (hasNul(text(request.script()))) {
            causes.add(new Cause(INVALID, "script", "holds a NUL character, which no argument can"));
        }
    }

    private static void checkTime(@Nullable Long seconds, List<Cause> causes) {
        if (seconds != null && (seconds < 0 || seconds > MAX_SECONDS)) {
            causes.add(new Cause(
                    INVALID,
                    "timeoutSeconds",
                    "%d: expected 0 (no limit) to %d (a year)".formatted(seconds, MAX_SECONDS)));
        }
    }

    private static String stdin(SandboxExecRequest request, List<Cause> causes) {
        var text = request.stdin();
        var base64 = request.stdinBase64();
        if (Boolean.TRUE.equals(request.openStdin())) {
            checkOpenStdin(request, causes);
            return "";
        }
        if (text != null && base64 != null) {
            causes.add(new Cause(FORBIDDEN, "stdinBase64", "may not be given together with stdin: choose one"));
            return "";
        }
        if (text != null) {
            return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }
        if (base64 == null) {
            return "";
        }
        try {
            var _ = Base64.getDecoder().decode(base64);
            return base64;
        } catch (IllegalArgumentException e) {
            causes.add(new Cause(INVALID, "stdinBase64", "is no base64 (RFC 4648, with padding)"));
            return "";
        }
    }

    private static void checkOpenStdin(SandboxExecRequest request, List<Cause> causes) {
        if (!request.isDetached()) {
            causes.add(new Cause(
                    FORBIDDEN,
                    "openStdin",
                    "is only for detach: true, then attach; or open a WebSocket by GET exec?stdin=true"));
        }
        if (request.stdin() != null || request.stdinBase64() != null) {
            causes.add(new Cause(
                    FORBIDDEN, "openStdin", "may not be given together with stdin or stdinBase64: it comes by attach"));
        }
    }

    private static Map<String, String> env(@Nullable Map<String, @Nullable String> given, List<Cause> causes) {
        var env = new HashMap<String, String>();
        if (given == null) {
            return env;
        }
        given.forEach((name, value) -> {
            var field = "env[%s]".formatted(quoted(name));
            if (name.isEmpty() || name.length() > MAX_ENV_NAME || name.indexOf('=') >= 0 || hasNul(name)) {
                causes.add(new Cause(
                        INVALID,
                        field,
                        "is no name of a variable: expected 1 to %d characters without = and NUL"
                                .formatted(MAX_ENV_NAME)));
            } else if (name.startsWith(RESERVED)) {
                causes.add(new Cause(FORBIDDEN, field, "names that begin with %s are reserved".formatted(RESERVED)));
            } else if (value == null || hasNul(value)) {
                causes.add(new Cause(INVALID, field, "expected a string without NUL"));
            } else {
                env.put(name, value);
            }
        });
        return env;
    }

    private static void checkPlace(@Nullable String workingDir, List<Cause> causes) {
        if (workingDir == null) {
            return;
        }
        if (workingDir.length() > MAX_PATH) {
            causes.add(new Cause(
                    TOO_LONG,
                    "workingDir",
                    "has %d characters, at most %d are allowed".formatted(workingDir.length(), MAX_PATH)));
        } else if (hasNul(workingDir)) {
            causes.add(new Cause(INVALID, "workingDir", "holds a NUL character, which no path can"));
        }
    }

    private static void checkName(@Nullable String process, List<Cause> causes) {
        if (process != null && !ProcessRef.isOwnName(process)) {
            causes.add(new Cause(
                    INVALID,
                    "process",
                    "%s: expected a name of %s, and not of the form of an id"
                            .formatted(quoted(process), ProcessRef.SYNTAX)));
        }
    }

    private static void checkModes(SandboxExecRequest request, List<Cause> causes) {
        boolean tty = Boolean.TRUE.equals(request.tty());
        if (tty && !request.isDetached()) {
            causes.add(new Cause(
                    FORBIDDEN,
                    "tty",
                    "is only for detach: true, then attach; or open a WebSocket by GET exec?tty=true"));
        }
        checkExtent("cols", request.cols(), tty, causes);
        checkExtent("rows", request.rows(), tty, causes);
        var onFull = request.onFull();
        if (onFull == null) {
            return;
        }
        if (!onFull.equals("wait") && !onFull.equals("drop")) {
            causes.add(
                    new Cause(NOT_SUPPORTED, "onFull", "%s: expected \"wait\" or \"drop\"".formatted(quoted(onFull))));
        } else if (!request.isDetached()) {
            causes.add(new Cause(FORBIDDEN, "onFull", "is only for detach: true, a live exec always waits"));
        }
    }

    private static void checkExtent(String field, @Nullable Integer extent, boolean tty, List<Cause> causes) {
        if (extent == null) {
            return;
        }
        if (!tty) {
            causes.add(new Cause(FORBIDDEN, field, "is only for tty: true"));
        } else if (extent < 1 || extent > TerminalSize.MAX) {
            causes.add(new Cause(INVALID, field, "%d: expected 1 to %d".formatted(extent, TerminalSize.MAX)));
        }
    }

    private static @Nullable TerminalSize terminal(SandboxExecRequest request) {
        if (!Boolean.TRUE.equals(request.tty())) {
            return null;
        }
        var cols = request.cols();
        var rows = request.rows();
        return new TerminalSize(
                cols == null ? TerminalSize.DEFAULT.cols() : cols, rows == null ? TerminalSize.DEFAULT.rows() : rows);
    }

    private static boolean hasNul(String text) {
        return text.indexOf('\0') >= 0;
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** Short and printable, for messages. */
    private static String quoted(String text) {
        var shown = text.length() <= 80 ? text : text.substring(0, 80) + "…";
        return '"' + shown.replaceAll("\\p{Cntrl}", "?") + '"';
    }
}
