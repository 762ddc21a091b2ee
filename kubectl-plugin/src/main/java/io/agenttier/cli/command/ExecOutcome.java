package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.output.ExitCode;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How the plugin ends after a command has ended. An unknown outcome is never a success.
 *
 * @param exitCode 0 to 255
 * @param message for standard error; empty where the code says everything
 */
record ExecOutcome(int exitCode, Optional<String> message) {
    private static final int MAX_CODE = 255;

    /** @param exit data of the event {@code exit}: {@code {"exitCode", "reason", "signal", "message"}} */
    static ExecOutcome of(Json exit) {
        var reason = exit.at("reason").textOrEmpty();
        var code = exit.at("exitCode").number();
        return switch (reason) {
            case "completed" -> completed(code);
            case "signaled" ->
                withCode(code, "signaled: ended by signal " + exit.at("signal").textOrEmpty());
            case "oom" -> withCode(code, sentence("oom", exit, "killed because memory ran out"));
            case "error" -> withCode(code, sentence("error", exit, "could not be started"));
            case "timeout" -> failed(sentence("timeout", exit, "stopped after its time limit"));
            case "canceled" -> failed(sentence("canceled", exit, "canceled"));
            case "lost" -> failed(sentence("lost", exit, "its outcome is unknown"));
            default ->
                failed(sentence(
                        reason.isEmpty() ? "unknown outcome" : reason, exit, "see the processes of the sandbox"));
        };
    }

    private static ExecOutcome completed(OptionalLong code) {
        return isExitCode(code)
                ? new ExecOutcome((int) code.getAsLong(), Optional.empty())
                : failed("lost: the server gave no exit code");
    }

    private static ExecOutcome withCode(OptionalLong code, String message) {
        return isExitCode(code) && code.getAsLong() != 0
                ? new ExecOutcome((int) code.getAsLong(), Optional.of(message))
                : failed(message);
    }

    private static ExecOutcome failed(String message) {
        return new ExecOutcome(ExitCode.FAILED, Optional.of(message));
    }

    private static boolean isExitCode(OptionalLong code) {
        return code.isPresent() && code.getAsLong() >= 0 && code.getAsLong() <= MAX_CODE;
    }

    private static String sentence(String reason, Json exit, String otherwise) {
        var message = exit.at("message").textOrEmpty();
        return reason + ": " + (message.isEmpty() ? otherwise : message);
    }
}
