package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.output.ExitCode;
import java.util.Optional;
import java.util.OptionalInt;

/** What the end of one connection means for the streams of a process. */
sealed interface StreamEnd {
    /** The process has ended, or its sandbox with it. */
    record Ended(ExecOutcome outcome) implements StreamEnd {}

    /** The process may run on: join it again. Whether we still may, that call tells. */
    record Again() implements StreamEnd {}

    /** Another client writes to the process now. */
    record Taken() implements StreamEnd {}

    /** Another connection would end the same way. */
    record Refused(String message) implements StreamEnd {}

    /**
     * @param status of channel 3; empty if the connection ended before
     * @param code of the close frame; empty if there was none
     * @param reason of the close frame
     */
    static StreamEnd of(Optional<Json> status, OptionalInt code, String reason) {
        if (code.orElse(0) == 4001) {
            var fate = reason.equals("sandbox_deleted") ? "deleted" : "stopped";
            return new Ended(new ExecOutcome(
                    ExitCode.FAILED, Optional.of("lost: the sandbox was %s while the process ran".formatted(fate))));
        }
        var said = status.map(json -> json.at("reason").textOrEmpty()).orElse("");
        if (reason.equals("stdin_taken") || said.equals("Conflict")) {
            return new Taken();
        }
        if (said.equals("ServiceUnavailable") || said.equals("Expired") || said.equals("Forbidden")) {
            return new Again();
        }
        if (said.equals("BadRequest") || code.orElse(0) == 1002 || code.orElse(0) == 4004) {
            return new Refused("the server ended the stream: "
                    + status.flatMap(json -> json.at("message").text())
                            .orElse(reason.isEmpty() ? "code " + code.orElse(0) : reason));
        }
        return status.<StreamEnd>map(json -> new Ended(ChannelStatus.outcome(json)))
                .orElseGet(Again::new);
    }
}
