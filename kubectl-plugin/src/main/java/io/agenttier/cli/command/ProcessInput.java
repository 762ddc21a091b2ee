package io.agenttier.cli.command;

import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.UnreachableException;
import io.agenttier.cli.transport.WebSocket;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Our input on its way to a process, each byte once: what a connection took along when it was cut is sent again from the offset that the server has.
 * The process's count begins before ours if others have written to it.
 */
final class ProcessInput {
    private static final int PIECE = 32 * 1024;
    private static final byte CTRL_C = 3;

    private final Session session;
    private final SandboxProcess process;
    private final PendingInput pending = new PendingInput();
    private final Runnable onInterrupted;
    private OptionalLong base;
    private @Nullable Thread sender;
    private volatile Mode mode = Mode.SENDS;
    private volatile Optional<InputLostException> lost = Optional.empty();

    private enum Mode {
        SENDS,
        /** Another client writes; ours is dropped, and Ctrl-C is for us. */
        WATCHES
    }

    /**
     * @param isOurs whether nobody else can have written to the process yet
     * @param onInterrupted ends the present connection, for us to look what became of it
     */
    ProcessInput(Session session, SandboxProcess process, boolean isOurs, Runnable onInterrupted) {
        this.session = session;
        this.process = process;
        this.base = isOurs ? OptionalLong.of(0) : OptionalLong.empty();
        this.onInterrupted = onInterrupted;
    }

    /**
     * Reads that input in a thread of its own until it ends.
     *
     * @param onLeave what Ctrl-C means once another client writes
     */
    void read(InputStream input, Runnable onLeave) {
        start("stdin", () -> {
            try {
                pump(input, onLeave);
            } catch (IOException e) {
                lost = Optional.of(new InputLostException(e));
                onInterrupted.run();
            }
        });
        start("stdin-acknowledged", this::acknowledge);
    }

    /** Set if the input broke off, which is not its end. */
    Optional<InputLostException> lost() {
        return lost;
    }

    /** From now on another client writes. */
    void watchOnly() {
        mode = Mode.WATCHES;
    }

    boolean isSending() {
        return mode == Mode.SENDS;
    }

    /**
     * Begins to send over a new connection, in a thread of its own.
     *
     * @param offset of the next byte that the process wants
     * @throws FailedException if it was written to by somebody else since we joined
     */
    void sendTo(WebSocket socket, long offset) throws FailedException {
        long at = ours(offset);
        if (!pending.acknowledge(at)) {
            throw new FailedException(
                    "the process has %d bytes of standard input, which is not what it was sent: another client wrote to it. It runs on as process %s"
                            .formatted(offset, process.id()));
        }
        sender = start("stdin-sender", () -> send(socket, at));
    }

    /** The connection is gone. */
    void stopSending() {
        if (sender != null) {
            sender.interrupt();
            sender = null;
        }
    }

    private synchronized long ours(long offset) {
        if (base.isEmpty()) {
            base = OptionalLong.of(offset);
        }
        return offset - base.getAsLong();
    }

    private void pump(InputStream input, Runnable onLeave) throws IOException, InterruptedException {
        var piece = new byte[PIECE];
        for (int count = input.read(piece, 0, PIECE); count >= 0; count = input.read(piece, 0, PIECE)) {
            if (isSending()) {
                pending.append(piece, 0, count);
            } else if (has(piece, count, CTRL_C)) {
                onLeave.run();
                return;
            }
        }
        pending.end();
    }

    private void send(WebSocket socket, long from) throws IOException, InterruptedException {
        long at = from;
        for (var piece = pending.next(at, PIECE); piece != null; piece = pending.next(at, PIECE)) {
            socket.send(Channels.stdin(piece));
            at += piece.length;
        }
        socket.send(Channels.endOfStdin());
    }

    /**
     * The stream does not tell how much the process has taken, so this is asked for where it makes room. Who may not ask finds it out by a new
     * connection.
     */
    private void acknowledge() throws IOException, InterruptedException {
        var wait = session.backoff();
        while (pending.awaitHalfFull()) {
            session.interrupts().take(wait.next());
            try {
                long taken = ProcessLookup.find(process, session.api())
                        .at("bytesStdin")
                        .number()
                        .orElse(0);
                if (takes(taken)) {
                    wait.reset();
                }
            } catch (ApiException e) {
                if (!e.failure().isPassing()) {
                    onInterrupted.run();
                }
            } catch (CutException | UnreachableException e) {
                // asked again after the next, longer wait
            }
        }
    }

    private synchronized boolean takes(long taken) {
        return base.isPresent() && pending.acknowledge(taken - base.getAsLong());
    }

    private static boolean has(byte[] bytes, int count, byte wanted) {
        for (int i = 0; i < count; i++) {
            if (bytes[i] == wanted) {
                return true;
            }
        }
        return false;
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** What fails here is seen by the thread that receives: its connection ends, too. */
    private static Thread start(String name, Work work) {
        return Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                work.run();
            } catch (IOException | InterruptedException e) {
                // the next connection goes on
            }
        });
    }
}
