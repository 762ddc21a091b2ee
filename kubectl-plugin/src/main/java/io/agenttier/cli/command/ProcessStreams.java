package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.output.Output;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.UnreachableException;
import io.agenttier.cli.transport.WebSocket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Streams of a process that has been started: output to ours, our input to it, each byte once. A connection that is cut is made again: output goes
 * on at the next offset, input at the offset that the server has.
 */
final class ProcessStreams {
    /** About a quarter of a minute. */
    private static final int TRIES_UNSEEN = 8;

    /** What the notice says after which our keys reach nobody. */
    private static final String TAKEN_OVER = "another client has taken over the keyboard";

    private final Session session;
    private final Output output;
    private final SandboxProcess process;
    private final Joining joining;
    private final Backoff backoff;
    private final ProcessInput input;
    private final MissingOutput missing;
    private long position;
    private boolean hasJoined;
    private Optional<Json> status = Optional.empty();
    private Optional<ExecOutcome> outcome = Optional.empty();
    private volatile Optional<WebSocket> connection = Optional.empty();
    private volatile Optional<TerminalSize> size = Optional.empty();
    private volatile boolean isLeaving;

    ProcessStreams(Session session, SandboxProcess process, Joining joining) {
        this.session = session;
        this.output = session.output();
        this.process = process;
        this.joining = joining;
        this.backoff = session.backoff();
        this.position = joining.position();
        this.missing = new MissingOutput(output);
        this.input = new ProcessInput(session, process, joining.isOurs(), this::disconnect);
    }

    /** Reads that input in a thread of its own until it ends. */
    void reading(InputStream from) {
        input.read(from, this::leave);
    }

    /** The terminal has this size from now on. */
    void resized(TerminalSize to) {
        size = Optional.of(to);
        connection.ifPresent(socket -> {
            try {
                socket.send(Channels.resize(to));
            } catch (IOException e) {
                // the next connection begins with it
            }
        });
    }

    /** Ends {@link #run} without an outcome; the process goes on. */
    void leave() {
        isLeaving = true;
        disconnect();
    }

    private void disconnect() {
        connection.ifPresent(WebSocket::close);
    }

    /**
     * @return how the process ended; empty if we left it
     * @throws InputLostException if our input broke off; the process goes on
     */
    Optional<ExecOutcome> run() throws IOException {
        while (outcome.isEmpty() && !isLeaving) {
            try {
                connectOnce();
                if (outcome.isEmpty() && !isLeaving) {
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
            if (outcome.isEmpty() && input.lost().isPresent()) {
                throw input.lost().get();
            }
        }
        return outcome.map(missing::judge);
    }

    private void connectOnce() throws IOException {
        boolean sends = joining.withInput() && input.isSending();
        status = Optional.empty();
        // a connection of ours that was cut may still count as the writer
        boolean takesOver = sends && (hasJoined || joining.takesOver());
        var path =
                process.subresource("attach").query("process", process.id()).query("offset", String.valueOf(position));
        path = sends ? path.query("stdin", "true") : path;
        path = takesOver ? path.query("takeover", "true") : path;
        try (var socket =
                WebSocket.open(session.api(), path, session.surroundings().silence())) {
            connection = Optional.of(socket);
            if (isLeaving || input.lost().isPresent()) {
                return;
            }
            begin(socket, sends);
            receive(socket);
        } finally {
            connection = Optional.empty();
            input.stopSending();
        }
    }

    private void begin(WebSocket socket, boolean sends) throws IOException {
        long first = number(socket, "AgentTier-First-Offset");
        if (first > position) {
            // what the user did not ask for is no loss
            if (hasJoined || joining.needsAll()) {
                missing.add(position, first);
            }
            position = first;
        }
        hasJoined = true;
        if (size.isPresent()) {
            socket.send(Channels.resize(size.get()));
        }
        if (sends) {
            input.sendTo(socket, number(socket, "AgentTier-Stdin-Offset"));
        }
    }

    private void receive(WebSocket socket) throws IOException {
        try {
            for (var message = socket.receive(); message != null; message = socket.receive()) {
                accept(message);
            }
        } catch (CutException e) {
            if (status.isEmpty()) {
                throw e;
            }
            ended(OptionalInt.empty(), "");
            return;
        }
        ended(socket.closeCode(), socket.closeReason());
    }

    private void ended(OptionalInt code, String reason) throws FailedException {
        switch (StreamEnd.of(status, code, reason)) {
            case StreamEnd.Ended(var how) -> outcome = Optional.of(how);
            case StreamEnd.Again _ -> {
                // run goes on
            }
            case StreamEnd.Taken _ ->
                throw new FailedException(
                        "another client has taken over the standard input of process %s, which runs on%nTo take it back: kubectl sandbox attach %s --process %s --takeover"
                                .formatted(process.id(), process.sandbox(), process.id()));
            case StreamEnd.Refused(var why) -> throw new FailedException(why);
        }
    }

    private void accept(byte[] message) throws IOException {
        int length = message.length - 1;
        if (length < 0) {
            return;
        }
        switch (message[0]) {
            case Channels.STDOUT -> {
                output.data(message, 1, length);
                wrote(length);
            }
            case Channels.STDERR -> {
                output.errorData(message, 1, length);
                if (!joining.hasTerminal()) {
                    wrote(length);
                } else if (new String(message, 1, length, StandardCharsets.UTF_8).contains(TAKEN_OVER)) {
                    taken();
                }
            }
            case Channels.STATUS ->
                status = Optional.of(JsonReader.parse(Arrays.copyOfRange(message, 1, message.length)));
            default -> {
                // a newer server may have more channels
            }
        }
    }

    private void wrote(int length) {
        position += length;
        backoff.reset();
    }

    /** Like every notice on a terminal's standard error it is no output of the process, so no offset counts it. */
    private void taken() {
        if (joining.withInput() && input.isSending()) {
            input.watchOnly();
            output.problem("this terminal only watches now: Ctrl-C leaves it\r");
        }
    }

    private static long number(WebSocket socket, String header) throws IOException {
        var text = socket.header(header).orElse("");
        if (!text.matches("[0-9]{1,18}")) {
            throw new FailedException(
                    "the server's answer lacks %s, or it is no number: \"%s\"".formatted(header, text));
        }
        return Long.parseLong(text);
    }

    private void refused(ApiException e) throws IOException {
        var failure = e.failure();
        if (failure.isPassing()) {
            waitAfter(e);
            return;
        }
        if (!hasJoined && !joining.isOurs()) {
            throw failure.code() == 409 && failure.message().contains("takeover=true")
                    ? new FailedException(
                            failure.sentence() + "%nTo become the writer nevertheless: --takeover".formatted())
                    : e;
        }
        if (failure.code() == 404 || failure.code() == 410) {
            throw new FailedException(
                    "lost: the outcome of process %s is unknown: %s".formatted(process.id(), failure.message()));
        }
        throw new FailedException("%s%nThe connection was cut and cannot go on; the command may run on as process %s"
                .formatted(failure.sentence(), process.id()));
    }

    private void waitAfter(IOException reason) throws IOException {
        if (isLeaving) {
            return;
        }
        if (backoff.tries() == TRIES_UNSEEN && output.errorsOnTerminal()) {
            output.problem("connection lost, still trying: " + reason.getMessage());
        }
        session.interrupts().take(backoff.next());
    }
}
