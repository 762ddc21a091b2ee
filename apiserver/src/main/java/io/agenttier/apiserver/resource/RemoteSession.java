package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.RemoteParameters.Wanted;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.WebSocket;
import io.agenttier.apiserver.route.WebSocketOffer;
import io.agenttier.apiserver.sandboxd.Attachment;
import io.agenttier.apiserver.sandboxd.ExitRecord;
import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.ProcessInfo;
import io.agenttier.apiserver.sandboxd.Stream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One client joined to one process by a WebSocket, until either ends. The call's own thread carries output, a second one input; each waits
 * for the slower side, so nothing piles up here. A client that leaves is detached; the daemon's grace decides about the process.
 */
final class RemoteSession {
    /** {@code by} of processes that the end of their sandbox ends. */
    private static final String SANDBOX_END = "agenttier:sandbox";

    private static final String CLIENT_LEFT = "the client left";

    private final Call call;
    private final Exchange exchange;
    private final Joined joined;
    private final Wanted wanted;
    private final SandboxAccess access;
    private final ProcessNotes notes;
    /** Set by whoever ends the session before the process does; only the first counts. */
    private final AtomicReference<@Nullable RemoteEnd> early = new AtomicReference<>();

    private boolean outputBegun;

    /** A process and the connection to it. */
    record Joined(Attachment attachment, ProcessInfo process) {
        /** Reads the first frame, which says what process it is. Takes over the attachment: on failure it is closed. */
        static Joined of(Attachment attachment) throws IOException {
            try {
                if (attachment.frames().next().orElse(null) instanceof Frame.Started started) {
                    return new Joined(attachment, started.process());
                }
                throw new IOException("the daemon's stream does not begin with the process");
            } catch (IOException | RuntimeException e) {
                attachment.close();
                throw e;
            }
        }
    }

    RemoteSession(Call call, Exchange exchange, Joined joined, Wanted wanted, SandboxAccess access) {
        this.call = call;
        this.exchange = exchange;
        this.joined = joined;
        this.wanted = wanted;
        this.access = access;
        this.notes = new ProcessNotes(exchange, joined.process());
    }

    /**
     * Answers 101 and runs to the end. Closes the attachment.
     *
     * @return why it ended, for people
     */
    String run(WebSocketOffer.Agreed agreed) throws IOException {
        var attachment = joined.attachment();
        try (attachment;
                var _ = access.attached(call)) {
            exchange.onClientGone(attachment::abort);
            var socket = exchange.upgrade(agreed, headers());
            exchange.onRightLost(() -> end(RemoteEnd.revoked()));
            socket.onGoingAway(() -> end(RemoteEnd.goingAway()));
            var stdin = joined.process().tty() ? StdinNotes.ofTerminal(exchange) : StdinNotes.of(exchange);
            var input = new RemoteInput(socket, attachment, new ChannelFrames(agreed.protocol()), this::end, stdin);
            var reading = Thread.ofVirtual()
                    .name("stdin")
                    .start(() -> input.run(wanted.stdin(), joined.process().tty()));
            try {
                var end = output(socket);
                finish(socket, end);
                return end.reason().isEmpty() ? "its process ended" : end.reason();
            } finally {
                attachment.abort();
                socket.close(1000, "");
                join(reading);
                stdin.write();
                notes.write();
            }
        } catch (ClientGoneException e) {
            var end = early.get();
            if (end != null) {
                note(end);
                return end.reason();
            }
            exchange.note(Note.CLOSE_REASON, CLIENT_LEFT);
            return CLIENT_LEFT;
        }
    }

    private Map<String, String> headers() throws IOException {
        var headers = new LinkedHashMap<String, String>();
        headers.put("AgentTier-Process", joined.process().id());
        headers.put(
                "AgentTier-Offset", Long.toString(joined.attachment().frames().position()));
        headers.put(
                "AgentTier-First-Offset",
                Long.toString(joined.attachment().frames().firstOffset()));
        if (wanted.stdin()) {
            headers.put(
                    "AgentTier-Stdin-Offset", Long.toString(joined.attachment().stdinOffset()));
        }
        return headers;
    }

    private void finish(WebSocket socket, RemoteEnd end) throws IOException {
        note(end);
        if (!end.status().isEmpty()) {
            var status = end.json();
            socket.send(ChannelFrames.ERROR, status, 0, status.length);
        }
        socket.close(end.code(), end.reason());
    }

    private void note(RemoteEnd end) {
        exchange.note(Note.CLOSE_CODE, Integer.toString(end.code()));
        if (!end.reason().isEmpty()) {
            exchange.note(Note.CLOSE_REASON, end.reason());
        }
    }

    /** Ends the session from another thread. */
    private void end(RemoteEnd end) {
        early.compareAndSet(null, end);
        joined.attachment().abort();
    }

    /** Carries output until there is a reason to end. */
    private RemoteEnd output(WebSocket socket) throws ClientGoneException {
        try {
            while (true) {
                var frame = joined.attachment().frames().next();
                if (frame.isEmpty()) {
                    return cut();
                }
                var end = pass(socket, frame.get());
                if (end.isPresent()) {
                    return end.get();
                }
            }
        } catch (ClientGoneException e) {
            throw e;
        } catch (IOException e) {
            return cut();
        }
    }

    private Optional<RemoteEnd> pass(WebSocket socket, Frame frame) throws IOException {
        return switch (frame) {
            case Frame.Output bytes -> {
                outputBegun = true;
                boolean isStdout = bytes.stream() == Stream.STDOUT;
                if (isStdout ? wanted.stdout() : wanted.stderr()) {
                    int channel = isStdout ? ChannelFrames.STDOUT : ChannelFrames.STDERR;
                    socket.send(channel, bytes.bytes(), 0, bytes.bytes().length);
                    notes.add(bytes);
                }
                yield Optional.empty();
            }
            // at the beginning the header has told it
            case Frame.Gap gap -> outputBegun ? Optional.of(RemoteEnd.gap(gap.from(), gap.to())) : Optional.empty();
            case Frame.Exited exited -> {
                notes.ended(exited.exit());
                yield Optional.of(
                        exited.exit().outcome() instanceof ExitRecord.Canceled(String by) && by.equals(SANDBOX_END)
                                ? RemoteEnd.of(Outcome.of(exited.exit()), fateOfStopped())
                                : RemoteEnd.of(Outcome.of(exited.exit())));
            }
            case Frame.StdinTaken _ -> stdinTaken(socket);
            case Frame.Notice(String text) -> {
                tell(socket, text.isEmpty() ? "the stop announced before is called off" : text);
                yield Optional.empty();
            }
            case Frame.KeepAlive _ -> {
                beat(socket);
                yield Optional.empty();
            }
            case Frame.Started _ -> Optional.empty();
        };
    }

    /** A terminal goes on as a viewer; a pipe whose bytes would be lost unseen does not. */
    private Optional<RemoteEnd> stdinTaken(WebSocket socket) throws IOException {
        if (!joined.process().tty()) {
            return Optional.of(RemoteEnd.stdinTaken());
        }
        tell(socket, "another client has taken over the keyboard");
        return Optional.empty();
    }

    /** A line beside the output of a terminal: nothing else is on its channel 2, so no byte of the process is mixed with it. */
    private void tell(WebSocket socket, String line) throws IOException {
        if (joined.process().tty()) {
            var bytes = ("\r\n" + line + "\r\n").getBytes(StandardCharsets.UTF_8);
            socket.send(ChannelFrames.STDERR, bytes, 0, bytes.length);
        }
    }

    /** A browser sees no pings: at a terminal that is silent it sees that the daemon is there ({@code spec} behaviour §11). */
    private void beat(WebSocket socket) throws IOException {
        if (joined.process().tty()) {
            socket.send(ChannelFrames.STDOUT, new byte[0], 0, 0);
        }
    }

    private RemoteEnd.Fate fateOfStopped() {
        try {
            var fate = access.fate(call, incarnation());
            return fate == RemoteEnd.Fate.DELETED ? fate : RemoteEnd.Fate.STOPPED;
        } catch (ApiException e) {
            return RemoteEnd.Fate.STOPPED;
        }
    }

    /** The connection to the daemon is gone: because somebody here ended it, the client left, or it broke. */
    private RemoteEnd cut() throws ClientGoneException {
        var wantedEnd = early.get();
        if (wantedEnd != null) {
            return wantedEnd;
        }
        if (exchange.isClientGone()) {
            throw new ClientGoneException();
        }
        var id = joined.process().id();
        var remedy = "process \"%s\" may still run: go on by GET attach?process=%s&offset=%d"
                .formatted(id, id, joined.attachment().frames().position());
        try {
            return RemoteEnd.cut(access.fate(call, incarnation()), remedy);
        } catch (ApiException e) {
            return RemoteEnd.cut(RemoteEnd.Fate.UNREACHABLE, remedy);
        }
    }

    private String incarnation() {
        return ProcessRef.parse(joined.process().id())
                .flatMap(ProcessRef::incarnation)
                .orElse("");
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
