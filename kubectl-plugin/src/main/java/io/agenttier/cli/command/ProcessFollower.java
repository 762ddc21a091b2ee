package io.agenttier.cli.command;

import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.Request;
import io.agenttier.cli.transport.Response;
import io.agenttier.cli.transport.SseStream;
import io.agenttier.cli.transport.UnreachableException;
import java.io.IOException;
import java.time.Duration;

/**
 * Starts a process and follows it to its end. A stream that is cut goes on by {@code log} at the next offset for as long as
 * it takes: the process runs on meanwhile, since it was started with {@code onDisconnect=keep}.
 */
final class ProcessFollower {
    static final String EVENTS = "text/event-stream";

    /** A sandbox that idled out may have to start first; its start has a deadline of 10 min. */
    private static final Duration START = Duration.ofMinutes(11);

    /** How often a process may be unknown after its start was sent: it may be about to start. */
    private static final int UNKNOWN_TRIES = 6;

    /** About a quarter of a minute. */
    private static final int TRIES_UNSEEN = 8;

    /** About five minutes. */
    private static final int TRIES_UNREACHABLE = 40;

    private final Session session;
    private final ProcessOutput into;
    private final Backoff backoff;
    private int unknown;

    ProcessFollower(Session session, ProcessOutput into) {
        this.session = session;
        this.into = into;
        this.backoff = session.backoff();
    }

    /** @param start asks for events; its process has a name of ours */
    ExecOutcome run(Request start) throws IOException {
        try {
            consume(session.api().send(start.within(START, silence())));
        } catch (CutException e) {
            waitAfter(e);
        } catch (ApiException e) {
            if (!mayHaveStarted(e)) {
                throw e;
            }
            return afterUnclearStart(e);
        }
        return follow();
    }

    /**
     * The same for a process whose id only the server knows: until it tells, the call is repeated, which joins what it has started.
     *
     * @param start with a key of its own
     */
    ExecOutcome runByKey(Request start) throws IOException {
        while (!into.process().isConfirmed() && into.outcome().isEmpty()) {
            try {
                consume(session.api().send(start.within(START, silence())));
                if (!into.process().isConfirmed()) {
                    startAgain(new FailedException("the answer ended before it named the process"));
                }
            } catch (CutException e) {
                if (into.process().isConfirmed()) {
                    waitAfter(e);
                } else {
                    startAgain(e);
                }
            } catch (UnreachableException e) {
                if (unknown == 0 || !e.isWorthRetrying() || backoff.tries() == TRIES_UNREACHABLE) {
                    throw e;
                }
                waitAfter(e);
            } catch (ApiException e) {
                if (!mayHaveStarted(e)) {
                    throw e;
                }
                startAgain(e);
            }
        }
        return follow();
    }

    private void startAgain(IOException problem) throws IOException {
        if (++unknown == UNKNOWN_TRIES) {
            throw problem;
        }
        waitAfter(problem);
    }

    /** Goes on by {@code log} where {@code into} stands. */
    ExecOutcome follow() throws IOException {
        while (into.outcome().isEmpty()) {
            try {
                consume(session.api().send(log()));
                if (into.outcome().isEmpty()) {
                    session.interrupts().take(backoff.next());
                }
            } catch (CutException e) {
                waitAfter(e);
            } catch (UnreachableException e) {
                if (!e.isWorthRetrying()) {
                    throw e;
                }
                waitAfter(e);
            } catch (ApiException e) {
                refused(e);
            }
        }
        return into.outcome().orElseThrow();
    }

    private void consume(Response response) throws IOException {
        try (response) {
            var events = events(response);
            // to the very end, also after the outcome: kube-apiserver logs a call whose client left early as a panic of
            // its own
            for (var event = events.next(); event != null; event = events.next()) {
                into.accept(event);
                backoff.reset();
            }
        } catch (CutException e) {
            if (into.outcome().isEmpty()) {
                throw e;
            }
        }
    }

    /** @throws FailedException if the answer has none */
    static SseStream events(Response response) throws FailedException {
        if (!response.head().mediaType().equals(EVENTS)) {
            throw new FailedException("the server answered with \"%s\" where %s was expected"
                    .formatted(response.head().mediaType(), EVENTS));
        }
        return new SseStream(response.body());
    }

    private Request log() {
        var process = into.process();
        var path = process.subresource("log")
                .query("process", process.id())
                .query("offset", String.valueOf(into.position()))
                .query("follow", "true");
        return Request.of("GET", path.toString()).accept(EVENTS).within(silence(), silence());
    }

    private Duration silence() {
        return session.surroundings().silence();
    }

    /** A gateway's error: the start may have come through although its answer did not. */
    static boolean mayHaveStarted(ApiException e) {
        int code = e.failure().code();
        return code == 502 || code == 503 || code == 504;
    }

    private ExecOutcome afterUnclearStart(ApiException start) throws IOException {
        try {
            consume(session.api().send(log()));
        } catch (CutException e) {
            waitAfter(e);
        } catch (IOException e) {
            if (into.process().isConfirmed()) {
                throw e;
            }
            throw start;
        }
        return follow();
    }

    private void refused(ApiException e) throws IOException {
        var failure = e.failure();
        var process = into.process();
        if (failure.isPassing()) {
            waitAfter(e);
            return;
        }
        if (failure.code() == 404 && !process.isConfirmed()) {
            if (unknown++ < UNKNOWN_TRIES) {
                session.interrupts().take(backoff.next());
                return;
            }
            throw new FailedException(
                    "the connection was lost before the server confirmed the start of process %s, and it is not known now: it has probably not run"
                            .formatted(process.id()));
        }
        if (failure.code() == 404 || failure.code() == 410) {
            throw new FailedException(
                    "lost: the outcome of process %s is unknown: %s".formatted(process.id(), failure.message()));
        }
        throw new FailedException("%s%nThe connection was cut and cannot go on; the command runs on as process %s"
                .formatted(failure.sentence(), process.id()));
    }

    private void waitAfter(IOException reason) throws IOException {
        if (backoff.tries() == TRIES_UNSEEN && session.output().errorsOnTerminal()) {
            session.output().problem("connection lost, still trying; the command runs on: " + reason.getMessage());
        }
        session.interrupts().take(backoff.next());
    }
}
