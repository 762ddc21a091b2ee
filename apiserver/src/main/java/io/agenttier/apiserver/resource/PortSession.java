package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.resource.ChannelFrames.Said;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.WebSocket;
import io.agenttier.apiserver.route.WebSocket.Received;
import io.agenttier.apiserver.route.WebSocketOffer;
import io.agenttier.apiserver.sandboxd.Tunnel;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * One client joined to one port by a WebSocket, until either ends. The call's own thread carries what the port sends, a second one what
 * the client sends; each waits for the slower side, so nothing piles up here.
 */
final class PortSession {
    private static final int PIECE_BYTES = 32 * 1024;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Call call;
    private final Exchange exchange;
    private final Opened opened;
    private final Tunnel tunnel;
    private final SandboxAccess access;
    private final EarlyEnd early;

    private long fromPort;
    private long toPort;

    /** @param incarnation whose port it is */
    record Opened(Tunnel tunnel, String incarnation) {}

    PortSession(Call call, Exchange exchange, Opened opened, SandboxAccess access) {
        this.call = call;
        this.exchange = exchange;
        this.opened = opened;
        this.tunnel = opened.tunnel();
        this.access = access;
        this.early = new EarlyEnd(call, exchange, access, opened.incarnation(), tunnel::abort);
    }

    /** Answers 101 and runs to the end. Closes the tunnel. */
    void run(WebSocketOffer.Agreed agreed) throws IOException {
        try (tunnel) {
            exchange.onClientGone(tunnel::abort);
            var socket = exchange.upgrade(agreed, Map.of("AgentTier-Incarnation", opened.incarnation()));
            exchange.onRightLost(() -> early.end(RemoteEnd.revoked()));
            socket.onGoingAway(() -> early.end(RemoteEnd.goingAway()));
            var wire = PortWire.of(agreed.protocol());
            var listening = SecondThread.start("to-port", () -> listen(socket, wire));
            try {
                finish(socket, wire, carry(socket, wire));
            } finally {
                tunnel.abort();
                socket.close(1000, "");
                listening.join();
                exchange.note(Note.BYTES_TO_PORT, Long.toString(toPort));
                exchange.note(Note.BYTES_FROM_PORT, Long.toString(fromPort));
            }
        } catch (ClientGoneException e) {
            var end = early.wanted();
            if (end.isPresent()) {
                note(end.get());
                return;
            }
            exchange.note(Note.CLOSE_REASON, "the client left");
        }
    }

    /** Carries what the port sends until there is a reason to end. */
    private RemoteEnd carry(WebSocket socket, PortWire wire) throws ClientGoneException {
        var buffer = new byte[PIECE_BYTES];
        try {
            for (int count = tunnel.read(buffer, 0, PIECE_BYTES);
                    count >= 0;
                    count = tunnel.read(buffer, 0, PIECE_BYTES)) {
                wire.send(socket, buffer, count);
                fromPort += count;
                access.used(call);
            }
            if (wire.halfClose(socket)) {
                tunnel.awaitEnd();
            }
            return RemoteEnd.succeeded();
        } catch (ClientGoneException e) {
            throw e;
        } catch (Tunnel.BrokenException e) {
            return RemoteEnd.brokenByPort(e.getMessage() == null ? "" : e.getMessage());
        } catch (IOException e) {
            return early.why();
        }
    }

    /** Carries what the client sends, at the pace of the port. */
    private void listen(WebSocket socket, PortWire wire) {
        boolean open = true;
        try {
            while (true) {
                if (!(socket.receive(PATIENCE) instanceof Received.Piece piece)) {
                    continue;
                }
                open = pass(wire.take(piece), open);
            }
        } catch (ChannelFrames.BrokenException e) {
            early.end(RemoteEnd.broken(e.getMessage() == null ? "" : e.getMessage()));
        } catch (IOException e) {
            // the client has left, or the daemon has: the other thread sees the same
            tunnel.abort();
        }
    }

    /** @return whether more may come from the client */
    private boolean pass(Said said, boolean open) throws IOException {
        switch (said) {
            case Said.Stdin(byte[] bytes, int offset)
            when open -> {
                tunnel.write(bytes, offset, bytes.length - offset);
                toPort += bytes.length - offset;
                access.used(call);
            }
            case Said.StdinEnd _
            when open -> {
                tunnel.end();
                return false;
            }
            case Said.Stdin _, Said.StdinEnd _, Said.Resize _, Said.Nothing _ -> {}
        }
        return open;
    }

    private void finish(WebSocket socket, PortWire wire, RemoteEnd end) throws IOException {
        note(end);
        if (!end.status().isEmpty()) {
            wire.status(socket, end);
        }
        socket.close(end.code(), end.reason());
    }

    private void note(RemoteEnd end) {
        exchange.note(Note.CLOSE_CODE, Integer.toString(end.code()));
        if (!end.reason().isEmpty()) {
            exchange.note(Note.CLOSE_REASON, end.reason());
        }
    }
}
