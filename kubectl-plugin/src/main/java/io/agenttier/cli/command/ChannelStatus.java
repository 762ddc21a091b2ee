package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.output.ExitCode;
import java.util.Optional;

/** Reads the Status that ends a stream on channel 3. */
final class ChannelStatus {
    private static final int MAX_CODE = 255;
    private static final int TELLING = 126;

    private ChannelStatus() {}

    /** A status that tells neither success nor an exit code is a failure, never a success. */
    static ExecOutcome outcome(Json status) {
        if (status.at("status").textOrEmpty().equals("Success")) {
            return new ExecOutcome(ExitCode.OK, Optional.empty());
        }
        var reason = status.at("reason").textOrEmpty();
        var message = status.at("message").textOrEmpty();
        if (reason.equals("NonZeroExitCode")) {
            for (var cause : status.at("details", "causes").items()) {
                var code = cause.at("message").textOrEmpty();
                if (cause.at("reason").textOrEmpty().equals("ExitCode") && code.matches("[0-9]{1,3}")) {
                    int number = Integer.parseInt(code);
                    if (number > 0 && number <= MAX_CODE) {
                        boolean tells = number >= TELLING && !message.isEmpty();
                        return new ExecOutcome(number, tells ? Optional.of(message) : Optional.empty());
                    }
                }
            }
        }
        var word = reason.isEmpty() ? "lost" : reason.toLowerCase(java.util.Locale.ROOT);
        return new ExecOutcome(
                ExitCode.FAILED, Optional.of(word + ": " + (message.isEmpty() ? "the outcome is unknown" : message)));
    }
}
