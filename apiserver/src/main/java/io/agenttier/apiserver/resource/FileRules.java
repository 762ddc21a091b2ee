package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError.Cause;
import io.agenttier.apiserver.sandboxd.FileChange;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From the body of POST {@code files} to a change, or to everything that is wrong with it. Pure. */
final class FileRules {
    static final int PATH_CHARS = 4096;
    static final String MODE = "[0-7]{3,4}";
    static final String MODE_FORM = "three or four octal digits such as 0644";
    static final String TIME_FORM = "RFC 3339 such as 2026-01-31T23:59:59.5Z";

    private static final String REQUIRED = "FieldValueRequired";
    private static final String INVALID = "FieldValueInvalid";
    private static final String FORBIDDEN = "FieldValueForbidden";
    private static final String NOT_SUPPORTED = "FieldValueNotSupported";

    private FileRules() {}

    sealed interface Checked {
        record Good(FileChange change) implements Checked {}

        /** @param causes one each field that is wrong, in the order of the fields; not empty */
        record Bad(List<Cause> causes) implements Checked {}
    }

    static Checked check(SandboxFileRequest request) {
        var causes = new ArrayList<>(DocumentType.check(request.apiVersion(), request.kind(), SandboxFileRequest.KIND));
        var operation = request.operation() == null ? "" : request.operation();
        boolean moves = operation.equals("move");
        if (!moves && !operation.equals("mkdir")) {
            causes.add(
                    operation.isEmpty()
                            ? new Cause(REQUIRED, "operation", "expected mkdir or move")
                            : new Cause(
                                    NOT_SUPPORTED,
                                    "operation",
                                    "\"%s\": expected mkdir or move".formatted(Parameters.printable(operation))));
            return new Checked.Bad(List.copyOf(causes));
        }
        var path = path("path", request.path(), causes);
        if (moves) {
            var to = path("to", request.to(), causes);
            refuse("mode", request.mode(), causes, operation);
            refuse("mtime", request.mtime(), causes, operation);
            var move = new FileChange.Move(path, to, Boolean.TRUE.equals(request.overwrite()));
            return causes.isEmpty() ? new Checked.Good(move) : new Checked.Bad(List.copyOf(causes));
        }
        refuse("to", request.to(), causes, operation);
        if (request.mode() != null && !request.mode().matches(MODE)) {
            causes.add(invalid("mode", request.mode(), MODE_FORM));
        }
        var time = Optional.ofNullable(request.mtime()).flatMap(FileRules::time);
        if (request.mtime() != null && time.isEmpty()) {
            causes.add(invalid("mtime", request.mtime(), TIME_FORM));
        }
        refuse("overwrite", request.overwrite(), causes, operation);
        var folder = new FileChange.MakeFolder(path, Optional.ofNullable(request.mode()), time);
        return causes.isEmpty() ? new Checked.Good(folder) : new Checked.Bad(List.copyOf(causes));
    }

    /** The instant that RFC 3339 text names, in the years 0 to 9999; empty if it is none. */
    static Optional<Instant> time(String text) {
        try {
            var time = OffsetDateTime.parse(text).toInstant();
            return time.toString().matches("[0-9]{4}-.*") ? Optional.of(time) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String path(String field, @Nullable String path, List<Cause> causes) {
        if (path == null || path.isEmpty()) {
            causes.add(new Cause(
                    REQUIRED, field, "name a path, absolute below the root of the sandbox or relative to it"));
            return "";
        }
        if (path.length() > PATH_CHARS || path.indexOf('\0') >= 0) {
            causes.add(new Cause(
                    INVALID,
                    field,
                    "has %d characters or a NUL, expected at most %d without one"
                            .formatted(path.length(), PATH_CHARS)));
        }
        return path;
    }

    private static void refuse(String field, @Nullable Object value, List<Cause> causes, String operation) {
        if (value != null) {
            causes.add(new Cause(FORBIDDEN, field, "has no meaning for %s: leave it out".formatted(operation)));
        }
    }

    private static Cause invalid(String field, String value, String expected) {
        return new Cause(INVALID, field, "\"%s\": expected %s".formatted(Parameters.printable(value), expected));
    }
}
