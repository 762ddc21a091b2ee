package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.ByteSocket;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.sandboxd.PortHttp;
import io.agenttier.apiserver.sandboxd.Tunnel;
import java.io.IOException;
import java.util.Map;

/**
 * A WebSocket between a client and a port, after 101: bytes as they come, each way at the pace of the slower side. Where this end has a
 * reason to end it, the client gets a close frame, if one may stand at this place of the stream.
 */
final class ProxyPipe {
    private static final int PIECE_BYTES = 32 * 1024;

    private final Call call;
    private final Exchange exchange;
    private final PortHttp port;
    private final SandboxAccess access;
    private final ProxyUpload upload;
    private final SocketFrames frames = new SocketFrames();
    private final EarlyEnd early;

    private long fromPort;

    /** @param upload counts what the client sends */
    ProxyPipe(Call call, Exchange exchange, ProxySession.Opened opened, SandboxAccess access, ProxyUpload upload) {
        this.call = call;
        this.exchange = exchange;
        this.port = opened.port();
        this.access = access;
        this.upload = upload;
        this.early = new EarlyEnd(call, exchange, access, opened.incarnation(), port::abort);
    }

    /**
     * Answers 101 and runs to the end.
     *
     * @return bytes that came from the port
     */
    long run(Map<String, String> fields) throws IOException {
        try {
            var socket = exchange.pass(fields);
            socket.onGoingAway(() -> early.end(RemoteEnd.goingAway()));
            exchange.onRightLost(() -> early.end(RemoteEnd.revoked()));
            var listening = SecondThread.start("to-port", () -> listen(socket));
            try {
                finish(socket, carry(socket));
            } finally {
                port.abort();
                socket.close();
                listening.join();
            }
        } catch (ClientGoneException e) {
            exchange.note(Note.CLOSE_REASON, "the client left");
        }
        return fromPort;
    }

    private RemoteEnd carry(ByteSocket socket) throws ClientGoneException {
        var buffer = new byte[PIECE_BYTES];
        try {
            for (int count = port.read(buffer); count >= 0; count = port.read(buffer)) {
                frames.pass(buffer, count);
                socket.write(buffer, 0, count);
                fromPort += count;
                access.used(call);
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

    private void listen(ByteSocket socket) {
        var buffer = new byte[PIECE_BYTES];
        try {
            while (true) {
                int count = socket.read(buffer);
                port.write(buffer, 0, count);
                upload.count(count);
                access.used(call);
            }
        } catch (IOException e) {
            // the client has left, or the daemon has: the other thread sees the same
            port.abort();
        }
    }

    private void finish(ByteSocket socket, RemoteEnd end) throws IOException {
        exchange.note(Note.CLOSE_CODE, Integer.toString(end.code()));
        if (!end.reason().isEmpty()) {
            exchange.note(Note.CLOSE_REASON, end.reason());
        }
        if (!end.equals(RemoteEnd.succeeded()) && frames.mayAdd()) {
            var close = SocketFrames.close(end.code(), end.reason());
            socket.write(close, 0, close.length);
        }
    }
}
