package io.agenttier.controller.sandboxd;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What sandboxd leaves in the termination message when it ends. Code in the sandbox runs as the same user and may write there too, so this
 * is input: it decides about this sandbox only, and its text is shortened before it is shown.
 *
 * @param code exit code of sandboxd: the command's, 128 + number for a signal
 * @param signal name of the signal that ended the command, else empty
 * @param onStop how the hook before the end went, if there is one
 */
public record FinalRecord(Reason reason, int code, String signal, String message, Optional<HookResult> onStop) {
    private static final int MAX_TEXT = 4096;

    /** Why sandboxd ended. */
    public enum Reason {
        COMMAND_EXITED("CommandExited"),
        INIT_SCRIPT_FAILED("InitScriptFailed"),
        INVALID_PLAN("InvalidPlan"),
        TERMINATED("Terminated");

        private final String wire;

        Reason(String wire) {
            this.wire = wire;
        }

        static Optional<Reason> parse(@Nullable String wire) {
            for (var reason : values()) {
                if (reason.wire.equals(wire)) {
                    return Optional.of(reason);
                }
            }
            return Optional.empty();
        }
    }

    private record Wire(
            @Nullable Integer sandboxd,
            @Nullable String reason,
            @Nullable Integer code,
            @Nullable String signal,
            @Nullable String message) {}

    /** The record in a termination message; empty for anything else, including a message of a version that is not known. */
    public static Optional<FinalRecord> parse(@Nullable String terminationMessage) {
        if (terminationMessage == null || terminationMessage.length() > 4 * MAX_TEXT) {
            return Optional.empty();
        }
        try {
            var wire = new Gson().fromJson(terminationMessage, Wire.class);
            if (wire == null || wire.sandboxd() == null || wire.sandboxd() != 1 || wire.code() == null) {
                return Optional.empty();
            }
            var code = wire.code();
            return Reason.parse(wire.reason())
                    .map(reason -> new FinalRecord(
                            reason, code, text(wire.signal()), text(wire.message()), onStop(terminationMessage)));
        } catch (JsonParseException e) {
            return Optional.empty();
        }
    }

    private static Optional<HookResult> onStop(String terminationMessage) {
        try {
            var hook = Fields.parse(terminationMessage).object("onStop");
            return hook.isEmpty() ? Optional.empty() : Optional.of(HookResult.of(hook.get()));
        } catch (MisbehavedException e) {
            return Optional.empty();
        }
    }

    private static String text(@Nullable String value) {
        var text = value == null ? "" : value;
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }
}
