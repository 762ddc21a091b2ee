package io.agenttier.apiserver.resource;

import io.agenttier.api.GoDuration;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiError.Cause;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.sandboxd.StartRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From what a caller of {@code invoke} says to a process to start ({@code spec} behaviour §9.2). Pure. */
final class InvokeRules {
    private static final String INVALID = "FieldValueInvalid";
    private static final String FORBIDDEN = "FieldValueForbidden";
    private static final int MAX_ARGS = 1000;

    private InvokeRules() {}

    /**
     * What the caller wants beside the entrypoint.
     *
     * @param timeout asked for; empty for the sandbox's own
     * @param keep goes on without a reader
     * @param waitWhenFull output waits for a reader when its quota is reached
     */
    record Wanted(Optional<Duration> timeout, boolean keep, boolean waitWhenFull) {}

    /**
     * What an envelope adds.
     *
     * @param stdinBase64 all of standard input
     */
    record Content(List<String> args, String stdinBase64) {
        static final Content NONE = new Content(List.of(), "");
    }

    /** @throws ApiException 400 for a parameter that is wrong */
    static Wanted parameters(Call call) {
        var timeout = call.parameter("invokeTimeout")
                .map(text -> duration(text)
                        .orElseThrow(
                                () -> Parameters.wrong(call, "invokeTimeout", "a duration above 0 such as 90s or 5m")));
        boolean wait = switch (call.parameter("onFull").orElse("drop")) {
            case "drop" -> false;
            case "wait" -> true;
            default -> throw Parameters.wrong(call, "onFull", "wait or drop");
        };
        return new Wanted(timeout, Parameters.keepsOnDisconnect(call), wait);
    }

    /** @throws ApiException 422 with everything that is wrong in the envelope */
    static Wanted wanted(Call call, Wanted parameters, SandboxInvokeRequest envelope) {
        var causes = new ArrayList<Cause>();
        var timeout = parameters.timeout();
        if (envelope.invokeTimeout() != null) {
            timeout = duration(envelope.invokeTimeout());
            if (timeout.isEmpty()) {
                causes.add(new Cause(
                        INVALID,
                        "invokeTimeout",
                        "\"%s\": expected a duration above 0 such as 90s or 5m"
                                .formatted(Parameters.printable(envelope.invokeTimeout()))));
            }
        }
        boolean wait = parameters.waitWhenFull();
        if (envelope.onFull() != null) {
            wait = envelope.onFull().equals("wait");
            if (!wait && !envelope.onFull().equals("drop")) {
                causes.add(new Cause(
                        INVALID,
                        "onFull",
                        "\"%s\": expected wait or drop".formatted(Parameters.printable(envelope.onFull()))));
            }
        }
        refuse(call, causes);
        return new Wanted(timeout, parameters.keep(), wait);
    }

    /**
     * Arguments and standard input of an envelope.
     *
     * @param maxBytes of standard input
     * @throws ApiException 422 with everything that is wrong, 413 if standard input is too long
     */
    static Content content(Call call, SandboxInvokeRequest envelope, long maxBytes) {
        var causes =
                new ArrayList<>(DocumentType.check(envelope.apiVersion(), envelope.kind(), SandboxInvokeRequest.KIND));
        var args = args(envelope, causes);
        var stdin = stdin(envelope, causes);
        refuse(call, causes);
        long bytes = stdin.length() / 4 * 3L;
        if (bytes > maxBytes + 2) {
            throw tooLarge(bytes, maxBytes);
        }
        return new Content(args, stdin);
    }

    static ApiException tooLarge(long bytes, long maxBytes) {
        return new ApiException(new ApiError.TooLarge(
                "standard input has %d bytes, at most %d are allowed: write it to a file by \"files\" and name that"
                        .formatted(bytes, maxBytes)));
    }

    private static List<String> args(SandboxInvokeRequest envelope, List<Cause> causes) {
        var args = new ArrayList<String>();
        List<@Nullable String> given = envelope.args() == null ? List.of() : envelope.args();
        if (given.size() > MAX_ARGS) {
            causes.add(new Cause(
                    "FieldValueTooMany",
                    "args",
                    "has %d items, at most %d are allowed".formatted(given.size(), MAX_ARGS)));
            return args;
        }
        for (int i = 0; i < given.size(); i++) {
            var argument = given.get(i);
            if (argument == null || argument.indexOf('\0') >= 0) {
                causes.add(new Cause(INVALID, "args[%d]".formatted(i), "expected a string without NUL"));
            } else {
                args.add(argument);
            }
        }
        if (envelope.prompt() != null) {
            if (envelope.prompt().indexOf('\0') >= 0) {
                causes.add(new Cause(INVALID, "prompt", "holds a NUL character, which no argument can"));
            }
            args.add("--prompt=" + envelope.prompt());
        }
        return args;
    }

    private static String stdin(SandboxInvokeRequest envelope, List<Cause> causes) {
        if (envelope.stdin() != null && envelope.stdinBase64() != null) {
            causes.add(new Cause(FORBIDDEN, "stdinBase64", "may not be given together with stdin: choose one"));
            return "";
        }
        if (envelope.stdinBase64() != null) {
            try {
                var _ = Base64.getDecoder().decode(envelope.stdinBase64());
                return envelope.stdinBase64();
            } catch (IllegalArgumentException e) {
                causes.add(new Cause(INVALID, "stdinBase64", "is no base64 (RFC 4648, with padding)"));
                return "";
            }
        }
        var text = envelope.stdin() != null ? envelope.stdin() : envelope.prompt();
        return text == null ? "" : base64(text.getBytes(StandardCharsets.UTF_8));
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /**
     * The process.
     *
     * @param ceiling longest that any invocation may take
     * @param openStdin standard input comes by attach
     * @throws ApiException 422 if more time is asked for than the sandbox gives
     */
    static StartRequest start(
            Call call, AgentState agent, Wanted wanted, Content content, Duration ceiling, boolean openStdin) {
        var limit = agent.limit(ceiling);
        var timeout = wanted.timeout().orElse(limit);
        if (timeout.compareTo(limit) > 0) {
            refuse(
                    call,
                    List.of(new Cause(
                            INVALID,
                            "invokeTimeout",
                            "%s is above the limit of this sandbox, %s: ask for less, or raise harness.agent.defaultInvokeTimeout"
                                    .formatted(GoDuration.format(timeout), GoDuration.format(limit)))));
        }
        var argv = new ArrayList<>(agent.entrypoint());
        argv.addAll(content.args());
        return new StartRequest(
                null,
                argv,
                "",
                Map.of(),
                agent.workingDir(),
                content.stdinBase64(),
                Math.max(1, timeout.toMillis()),
                wanted.keep(),
                wanted.waitWhenFull(),
                openStdin,
                null);
    }

    private static Optional<Duration> duration(String text) {
        return GoDuration.parse(text).filter(Duration::isPositive);
    }

    private static void refuse(Call call, List<Cause> causes) {
        if (!causes.isEmpty()) {
            throw new ApiException(new ApiError.Invalid(SandboxInvokeRequest.KIND, call.name(), List.copyOf(causes)));
        }
    }
}
