package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Call;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Query parameters with their types; a wrong value is 400 and named. */
final class Parameters {
    private Parameters() {}

    /** Any case: Python writes {@code True}. */
    static boolean flag(Call call, String key) {
        return switch (call.parameter(key).orElse("false").toLowerCase(Locale.ROOT)) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw wrong(call, key, "true or false");
        };
    }

    /** A whole number from 0 on. */
    static OptionalLong count(Call call, String key) {
        var text = call.parameter(key);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(number(text.get()).orElseThrow(() -> wrong(call, key, "a whole number from 0 on")));
    }

    static OptionalLong number(String text) {
        return text.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    /** The process that {@code process=} names. */
    static ProcessRef process(Call call) {
        var text = call.parameter("process")
                .orElseThrow(() -> bad("parameter process is missing: name one, as GET processes lists them"));
        return ProcessRef.parse(text)
                .orElseThrow(() -> wrong(call, "process", "an id, or a name of " + ProcessRef.SYNTAX));
    }

    /** Whether a process goes on when its client is gone: {@code onDisconnect=keep}. */
    static boolean keepsOnDisconnect(Call call) {
        return switch (call.parameter("onDisconnect").orElse("cancel")) {
            case "cancel" -> false;
            case "keep" -> true;
            default -> throw wrong(call, "onDisconnect", "cancel or keep");
        };
    }

    static Optional<String> matching(Call call, String key, String pattern, String expected) {
        var text = call.parameter(key);
        if (text.isPresent() && !text.get().matches(pattern)) {
            throw wrong(call, key, expected);
        }
        return text;
    }

    static ApiException wrong(Call call, String key, String expected) {
        return bad("parameter %s is \"%s\", expected %s"
                .formatted(key, printable(call.parameter(key).orElse("")), expected));
    }

    static ApiException bad(String message) {
        return new ApiException(new ApiError.BadRequest(message));
    }

    static String printable(String text) {
        var shown = text.length() <= 80 ? text : text.substring(0, 80) + "…";
        return shown.replaceAll("\\p{Cntrl}", "?");
    }

    /** A path in the sandbox, empty if absent. */
    static String path(Call call) {
        var path = call.parameter("path").orElse("");
        if (path.length() > FileRules.PATH_CHARS || path.indexOf('\0') >= 0) {
            throw bad("parameter path has %d characters or a NUL, expected at most %d without one"
                    .formatted(path.length(), FileRules.PATH_CHARS));
        }
        return path;
    }
}
