package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.sandboxd.BusyException;
import io.agenttier.apiserver.sandboxd.MisbehavedException;
import io.agenttier.apiserver.sandboxd.RefusedException;
import io.agenttier.apiserver.sandboxd.UnreachableException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** What a caller is told when the daemon of a sandbox refuses, misbehaves or cannot be reached. */
final class DaemonErrors {
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(5);
    private static final Pattern PLACED = Pattern.compile("(files\\[[0-9]{1,3}]\\.[a-z]+):? (.*)");
    private static final String CONCURRENCY_EXCEEDED = "concurrency_exceeded";

    private DaemonErrors() {}

    /**
     * What the question was about.
     *
     * @param resource {@code processes} or {@code files}
     * @param name id or path
     * @param kind of the request, for what is wrong in it
     * @param field that is wrong where the daemon names none
     */
    record Subject(String resource, String name, String kind, String field) {
        /** Of a command that runs, or is to run. */
        Subject(String resource, String name) {
            this(resource, name, SandboxExecRequest.KIND, "process");
        }
    }

    static ApiError of(UnreachableException e, String sandbox) {
        return new ApiError.Unavailable("sandbox \"%s\" cannot be reached: %s; %s"
                .formatted(
                        sandbox,
                        e.getMessage(),
                        e.nothingSent()
                                ? "nothing was started, try again"
                                : "it is not known whether the call took effect"));
    }

    static ApiError of(BusyException e, String sandbox) {
        return new ApiError.TooManyRequests(
                "sandbox \"%s\" has %d calls open through this apiserver, the limit: wait until one has ended"
                        .formatted(sandbox, e.limit()),
                SOON);
    }

    static ApiError of(MisbehavedException e, String sandbox) {
        return new ApiError.BadGateway(
                "the daemon of sandbox \"%s\" gave an invalid answer: %s".formatted(sandbox, e.getMessage()), e.said());
    }

    static ApiError of(RefusedException e, String sandbox, Subject subject) {
        var said = e.said().isBlank() ? "no reason given" : e.said();
        return switch (e.status()) {
            case 400 -> new ApiError.BadRequest(said);
            case 403 -> new ApiError.Forbidden(subject.resource(), subject.name(), said);
            case 404 -> new ApiError.NotFound(subject.resource(), subject.name(), said);
            case 409 -> new ApiError.Conflict(subject.resource(), subject.name(), said);
            case 410 -> new ApiError.Gone(said);
            case 412 -> new ApiError.PreconditionFailed(said);
            case 413 -> new ApiError.TooLarge(said);
            case 416 -> new ApiError.RangeNotSatisfiable(said);
            case 422 -> new ApiError.Invalid(subject.kind(), sandbox, List.of(invalid(subject, said)));
            case 502 -> new ApiError.NoAnswer(said);
            case 429 -> e.cap().map(cap -> full(said, cap)).orElseGet(() -> new ApiError.TooManyRequests(said, LATER));
            default ->
                new ApiError.BadGateway(
                        "the daemon of sandbox \"%s\" answered %d".formatted(sandbox, e.status()), said);
        };
    }

    /** The daemon names a file of several by its place, {@code files[2].path}. */
    private static ApiError.Cause invalid(Subject subject, String said) {
        var placed = PLACED.matcher(said);
        return placed.matches()
                ? new ApiError.Cause("FieldValueInvalid", placed.group(1), placed.group(2))
                : new ApiError.Cause("FieldValueInvalid", subject.field(), said);
    }

    private static ApiError full(String said, RefusedException.Cap cap) {
        return new ApiError.Full(
                said,
                List.of(
                        new ApiError.Cause(CONCURRENCY_EXCEEDED, "limit", Long.toString(cap.limit())),
                        new ApiError.Cause(CONCURRENCY_EXCEEDED, "inflight", Long.toString(cap.inflight()))),
                LATER);
    }

    /**
     * The error for what went wrong while the daemon was asked.
     *
     * @throws ClientGoneException passed on: there is nobody to tell
     */
    static ApiError of(IOException e, String sandbox, Subject subject) throws ClientGoneException {
        return switch (e) {
            case UnreachableException u -> of(u, sandbox);
            case BusyException b -> of(b, sandbox);
            case MisbehavedException m -> of(m, sandbox);
            case RefusedException r -> of(r, sandbox, subject);
            case ClientGoneException gone -> throw gone;
            default ->
                new ApiError.Unavailable(
                        "the connection to sandbox \"%s\" broke: it is not known whether the call took effect"
                                .formatted(sandbox));
        };
    }
}
