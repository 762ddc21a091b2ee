package io.agenttier.cli.command;

import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.output.Output;
import io.agenttier.cli.output.OutputClosedException;
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
import java.util.Set;

/**
 * Streams of a process that has been started: output to ours, our input to it, each byte once. A connection that is cut is made again: output goes
 * on at the next offset, input at the offset that the server has.
 */
final class ProcessStreams {
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int STATUS = 3;
    private static final int RESIZE = 4;
    private static final int HALF_CLOSE = 255;
    private static final int PIECE = 32 * 1024;

    /** Stop or deletion, rights withdrawn, session over: another connection would end the same way. */
    private static final Set<Integer> FINAL_CODES = Set.of(4001, 4003, 4004);

    private final Session session;
    private final Output output;
    private final SandboxProcess process;
    private final Backoff backoff;
    private final PendingInput pending = new PendingInput();
    private final boolean withInput;
    private long position;
    private boolean takesOver;
    private Optional<ExecOutcome> outcome = Optional.empty();
    private volatile Optional<WebSocket> connection = Optional.empty();
    private volatile Optional<TerminalSize> size = Optional.empty();
    private volatile boolean isLeaving;

    /**
     * @param position offset in the combined output to begin at
     * @param withInput whether we are the one who writes to the process
     * @param takesOver whether another writer is sent away
     */
    ProcessStreams(Session session, SandboxProcess process, long position, boolean withInput, boolean takesOver) {
        this.session = session;
        this.output = session.output();
        this.process = process;
        this.backoff = session.backoff();
        this.position = position;
        this.withInput = withInput;
        this.takesOver = takesOver;
    }

    /** Reads that input in a thread of its own until it ends. */
    void reading(InputStream input) {
        start("stdin", () -> {
            while (true) {
                var piece = new byte[PIECE];
                int count = input.read(piece, 0, PIECE);
                if (count < 0) {
                    break;
                }
                pending.append(Arrays.copyOf(piece, count));
            }
            pending.end();
        });
        start("stdin-acknowledged", this::acknowledge);
    }

    /** The stream does not tell how much the process has taken, so this is asked for where it makes room. */
    private void acknowledge() throws IOException, InterruptedException {
        var wait = session.backoff();
        long known = 0;
        while (pending.awaitHalfFull()) {
            session.interrupts().take(wait.next());
            try {
                long taken = ProcessLookup.find(process, session.api())
                        .at("bytesStdin")
                        .number()
                        .orElse(0);
                if (taken > known) {
                    known = taken;
                    pending.acknowledge(taken);
                    wait.reset();
                }
            } catch (ApiException | CutException | UnreachableException e) {
                // asked again after the next, longer wait
            }
        }
    }

    /** The terminal has this size from now on. */
    void resized(TerminalSize to) {
        size = Optional.of(to);
        connection.ifPresent(socket -> {
            try {
                resize(socket, to);
            } catch (IOException e) {
                // the next connection begins with it
            }
        });
    }

    /** Ends {@link #run} without an outcome; the process goes on. */
    void leave() {
        isLeaving = true;
        connection.ifPresent(WebSocket::close);
    }

    /** @return how the process ended; empty if we left it */
    Optional<ExecOutcome> run() throws IOException {
        while (outcome.isEmpty() && !isLeaving) {
            try {
                connectOnce();
                if (outcome.isEmpty() && !isLeaving) {
                    session.interrupts().take(backoff.next());
                }
            } catch (OutputClosedException e) {
                throw e;
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
        return outcome;
    }

    private void connectOnce() throws IOException {
        var path =
                process.subresource("attach").query("process", process.id()).query("offset", String.valueOf(position));
        path = withInput ? path.query("stdin", "true") : path;
        path = withInput && takesOver ? path.query("takeover", "true") : path;
        try (var socket = WebSocket.open(session.api(), path)) {
            connection = Optional.of(socket);
            if (isLeaving) {
                return;
            }
            // a connection of ours that is cut may still count as the writer
            takesOver = true;
            if (size.isPresent()) {
                resize(socket, size.get());
            }
            if (withInput) {
                long offset = stdinOffset(socket);
                if (!pending.acknowledge(offset)) {
                    throw new FailedException(
                            "the process has %d bytes of standard input, which is not what it was sent: did another client write to it?"
                                    .formatted(offset));
                }
                start("stdin-sender", () -> sendInput(socket, offset));
            }
            for (var message = socket.receive(); message != null; message = socket.receive()) {
                accept(message);
                backoff.reset();
            }
            closed(socket);
        } finally {
            connection = Optional.empty();
        }
    }

    private void closed(WebSocket socket) throws IOException {
        int code = socket.closeCode().orElse(0);
        if (outcome.isEmpty() && FINAL_CODES.contains(code)) {
            var reason = socket.closeReason();
            throw new FailedException("the server ended the stream: " + (reason.isEmpty() ? "code " + code : reason));
        }
    }

    private void accept(byte[] message) throws IOException {
        int length = message.length - 1;
        if (length < 0) {
            return;
        }
        switch (message[0]) {
            case STDOUT -> {
                output.data(message, 1, length);
                position += length;
            }
            case STDERR -> {
                output.errorData(message, 1, length);
                position += length;
            }
            case STATUS ->
                outcome = Optional.of(
                        ChannelStatus.outcome(JsonReader.parse(Arrays.copyOfRange(message, 1, message.length))));
            default -> {
                // a newer server may have more channels
            }
        }
    }

    private void sendInput(WebSocket socket, long offset) throws IOException, InterruptedException {
        long at = offset;
        for (var piece = pending.next(at); piece != null; piece = pending.next(at)) {
            socket.send(onChannel(STDIN, piece));
            at += piece.length;
        }
        socket.send(new byte[] {(byte) HALF_CLOSE, STDIN});
    }

    private static void resize(WebSocket socket, TerminalSize size) throws IOException {
        socket.send(onChannel(
                RESIZE,
                "{\"Width\":%d,\"Height\":%d}"
                        .formatted(size.columns(), size.rows())
                        .getBytes(StandardCharsets.US_ASCII)));
    }

    private static byte[] onChannel(int channel, byte[] payload) {
        var message = new byte[payload.length + 1];
        message[0] = (byte) channel;
        System.arraycopy(payload, 0, message, 1, payload.length);
        return message;
    }

    private static long stdinOffset(WebSocket socket) throws IOException {
        var text = socket.header("AgentTier-Stdin-Offset").orElse("");
        if (!text.matches("[0-9]{1,18}")) {
            throw new FailedException("the server gave no offset for standard input");
        }
        return Long.parseLong(text);
    }

    private void refused(ApiException e) throws IOException {
        if (e.failure().isPassing()) {
            waitAfter(e);
            return;
        }
        int code = e.failure().code();
        if (position > 0 && (code == 404 || code == 410)) {
            throw new FailedException("lost: the outcome of process %s is unknown: %s"
                    .formatted(process.id(), e.failure().message()));
        }
        throw e;
    }

    private void waitAfter(IOException reason) throws IOException {
        if (isLeaving) {
            return;
        }
        if (backoff.tries() == 8 && output.errorsOnTerminal()) {
            output.problem("connection lost, still trying: " + reason.getMessage());
        }
        session.interrupts().take(backoff.next());
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** What fails here is seen by the thread that receives: its connection ends, too. */
    private static void start(String name, Work work) {
        Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                work.run();
            } catch (IOException | InterruptedException e) {
                // the next connection goes on
            }
        });
    }
}
