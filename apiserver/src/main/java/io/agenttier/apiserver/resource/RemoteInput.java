package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.resource.ChannelFrames.Said;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.WebSocket;
import io.agenttier.apiserver.route.WebSocket.Received;
import io.agenttier.apiserver.sandboxd.Attachment;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/** Carries what a client says to the process, on a thread of its own. The process's pace is the client's. */
final class RemoteInput {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final WebSocket socket;
    private final Attachment attachment;
    private final ChannelFrames channels;
    private final Consumer<RemoteEnd> end;
    private final StdinNotes notes;

    /**
     * @param end ends the session
     * @param notes counts what is passed on
     */
    RemoteInput(
            WebSocket socket,
            Attachment attachment,
            ChannelFrames channels,
            Consumer<RemoteEnd> end,
            StdinNotes notes) {
        this.socket = socket;
        this.attachment = attachment;
        this.channels = channels;
        this.end = end;
        this.notes = notes;
    }

    /**
     * Runs until either side is gone, which the other thread learns by itself.
     *
     * @param stdin the client asked for it; else its bytes are dropped
     * @param tty sizes are passed on
     */
    void run(boolean stdin, boolean tty) {
        try {
            boolean open = stdin;
            while (true) {
                if (socket.receive(PATIENCE) instanceof Received.Piece piece) {
                    open = pass(channels.take(piece), open, tty);
                }
                attachment.keepAlive();
            }
        } catch (ChannelFrames.BrokenException e) {
            end.accept(RemoteEnd.broken(e.getMessage() == null ? "" : e.getMessage()));
        } catch (ClientGoneException e) {
            attachment.abort();
        } catch (IOException e) {
            // the daemon takes no more: the process has ended, or the reader of output sees the same break
            drain();
        }
    }

    /** @return whether stdin is still open */
    private boolean pass(Said said, boolean open, boolean tty) throws IOException {
        switch (said) {
            case Said.Stdin(byte[] data, int offset)
            when open -> {
                attachment.stdin(data, offset, data.length - offset);
                notes.add(data, offset, data.length - offset);
            }
            case Said.StdinEnd _
            when open -> {
                attachment.closeStdin();
                return false;
            }
            case Said.Resize(var size) when tty -> attachment.resize(size);
            case Said.Stdin _, Said.StdinEnd _, Said.Resize _, Said.Nothing _ -> {}
        }
        return open;
    }

    /** A client that still writes must be able to read how the process ended. */
    private void drain() {
        try {
            while (true) {
                var _ = socket.receive(PATIENCE);
            }
        } catch (ClientGoneException e) {
            // the session is over
        }
    }
}
