package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.WebSocket;
import io.agenttier.apiserver.route.WebSocket.Received;
import io.agenttier.apiserver.route.WebSocketOffer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One client joined to several ports by one WebSocket, until it leaves or all ports are over. Each port has a thread for what it sends; what
 * the client sends is in one order, so a port that takes nothing holds up the others.
 */
final class PortPairsSession {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Call call;
    private final Exchange exchange;
    private final String incarnation;
    private final List<PortPair> pairs;
    private final SandboxAccess access;
    private final EarlyEnd early;

    private final AtomicLong fromPorts = new AtomicLong();
    private long toPorts;
    private final AtomicBoolean clientLeft = new AtomicBoolean();
    /** The first of the ends that were none of a port's own will. */
    private final AtomicReference<@Nullable RemoteEnd> failure = new AtomicReference<>();

    /** @param incarnation whose ports they are */
    PortPairsSession(Call call, Exchange exchange, String incarnation, List<PortPair> pairs, SandboxAccess access) {
        this.call = call;
        this.exchange = exchange;
        this.incarnation = incarnation;
        this.pairs = pairs;
        this.access = access;
        this.early = new EarlyEnd(call, exchange, access, incarnation, this::cut);
    }

    /** Answers 101 and runs to the end. */
    void run(WebSocketOffer.Agreed agreed) throws IOException {
        try {
            exchange.onClientGone(this::cut);
            var socket = exchange.upgrade(agreed, Map.of("AgentTier-Incarnation", incarnation));
            exchange.onRightLost(() -> early.end(RemoteEnd.revoked()));
            for (var pair : pairs) {
                pair.announce(socket);
            }
            var listening = SecondThread.start("to-ports", () -> listen(socket));
            try {
                carryAll(socket);
                finish(socket);
            } finally {
                cut();
                socket.close(1000, "");
                listening.join();
                exchange.note(Note.BYTES_TO_PORT, Long.toString(toPorts));
                exchange.note(Note.BYTES_FROM_PORT, Long.toString(fromPorts.get()));
            }
        } catch (ClientGoneException e) {
            exchange.note(Note.CLOSE_REASON, "the client left");
        }
    }

    private void cut() {
        pairs.forEach(PortPair::cut);
    }

    private void carryAll(WebSocket socket) {
        var carrying = new ArrayList<SecondThread>();
        for (var pair : pairs) {
            carrying.add(SecondThread.start("from-port", () -> carry(socket, pair)));
        }
        carrying.forEach(SecondThread::join);
    }

    private void carry(WebSocket socket, PortPair pair) {
        try {
            var end = pair.run(socket, this::count, early, call.name());
            if (!end.equals(RemoteEnd.succeeded())) {
                failure.compareAndSet(null, end);
            }
        } catch (IOException e) {
            clientLeft.set(true);
            cut();
        }
    }

    private void count(int bytes) {
        fromPorts.addAndGet(bytes);
        access.used(call);
    }

    /** Carries what the client sends, at the pace of the ports. */
    private void listen(WebSocket socket) {
        var frames = new PairFrames(pairs.size());
        try {
            while (true) {
                if (socket.receive(PATIENCE) instanceof Received.Piece piece) {
                    frames.take(piece).ifPresent(this::pass);
                }
            }
        } catch (IOException e) {
            cut();
        }
    }

    private void pass(PairFrames.Data data) {
        if (pairs.get(data.place()).write(data.bytes(), data.offset())) {
            toPorts += data.bytes().length - data.offset();
            access.used(call);
        }
    }

    private void finish(WebSocket socket) throws ClientGoneException {
        if (clientLeft.get() || exchange.isClientGone()) {
            throw new ClientGoneException();
        }
        var failed = failure.get();
        var end = failed == null ? RemoteEnd.succeeded() : failed;
        exchange.note(Note.CLOSE_CODE, Integer.toString(end.code()));
        if (!end.reason().isEmpty()) {
            exchange.note(Note.CLOSE_REASON, end.reason());
        }
        socket.close(end.code(), end.reason());
    }
}
