package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.sandboxd.MisbehavedException;
import io.agenttier.apiserver.sandboxd.PortHead;
import io.agenttier.apiserver.sandboxd.PortHttp;
import io.agenttier.apiserver.sandboxd.Tunnel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. The call's own thread carries the answer, {@link ProxyUpload} the request; each waits for the slower side, so
 * nothing piles up here. What goes wrong before the answer has begun is told, afterwards the connection is cut.
 */
final class ProxySession {
    private static final int PIECE_BYTES = 32 * 1024;
    /** More of them are a port that plays with us. */
    private static final int INTERIM_ANSWERS = 16;

    private static final int CONTINUE = 100;
    private static final int SWITCHING_PROTOCOLS = 101;

    private final Call call;
    private final Exchange exchange;
    private final ProxyTarget target;
    private final Opened opened;
    private final PortHttp port;
    private final SandboxAccess access;
    private long fromPort;

    /** @param incarnation whose port it is */
    record Opened(PortHttp port, String incarnation) {}

    ProxySession(Call call, Exchange exchange, ProxyTarget target, Opened opened, SandboxAccess access) {
        this.call = call;
        this.exchange = exchange;
        this.target = target;
        this.opened = opened;
        this.port = opened.port();
        this.access = access;
    }

    /** Runs to the end and closes the connection to the port. */
    void run(boolean upgrade) throws IOException {
        try (port) {
            exchange.onClientGone(port::abort);
            var upload = ProxyUpload.begin(call, exchange, target, port, upgrade, () -> access.used(call));
            try {
                serve(upload, upgrade);
            } catch (IOException e) {
                exchange.note(Note.CLOSE_REASON, why(e));
                throw explained(e, upload.failure());
            } finally {
                upload.stop();
                exchange.note(Note.BYTES_TO_PORT, Long.toString(upload.bytes()));
                exchange.note(Note.BYTES_FROM_PORT, Long.toString(fromPort));
            }
        }
    }

    private void serve(ProxyUpload upload, boolean upgrade) throws IOException {
        var head = finalHead(upload);
        exchange.note(Note.PORT_STATUS, Integer.toString(head.status()));
        if (head.status() != SWITCHING_PROTOCOLS) {
            relay(head);
        } else if (upgrade && ProxyAnswerHead.isWebSocket(head)) {
            port.expect(new PortHead.Framing.Rest());
            var fields = ProxyAnswerHead.ofSwitch(head);
            fields.put("AgentTier-Incarnation", opened.incarnation());
            fromPort = new ProxyPipe(call, exchange, opened, access, upload).run(fields);
        } else {
            throw garbage("it switches to a protocol that nobody asked for");
        }
    }

    private PortHead finalHead(ProxyUpload upload) throws IOException {
        for (int i = 0; i < INTERIM_ANSWERS; i++) {
            var head = port.head();
            if (head.status() >= 200 || head.status() == SWITCHING_PROTOCOLS) {
                return head;
            }
            if (head.status() == CONTINUE) {
                upload.invite();
            }
        }
        throw garbage("it gave more than %d interim answers".formatted(INTERIM_ANSWERS));
    }

    private void relay(PortHead head) throws IOException {
        var framing = head.framing(call.method().equals("HEAD"));
        var fields = ProxyAnswerHead.of(head, framing);
        fields.put("AgentTier-Incarnation", opened.incarnation());
        port.expect(framing);
        var answer = exchange.stream(head.status(), fields);
        var buffer = new byte[PIECE_BYTES];
        for (int count = port.read(buffer); count >= 0; count = port.read(buffer)) {
            answer.write(buffer, 0, count);
            fromPort += count;
            access.used(call);
        }
        answer.end(ProxyAnswerHead.trailers(port.trailers()));
    }

    /**
     * Why a call ended, for its caller.
     *
     * @param upload what went wrong with the request's body, after which the port sees a reset
     */
    private IOException explained(IOException e, @Nullable IOException upload) throws IOException {
        if (exchange.isClientGone()) {
            return new ClientGoneException();
        }
        if (upload != null) {
            return upload;
        }
        if (e instanceof MisbehavedException || e instanceof Tunnel.BrokenException) {
            throw garbage(said(e));
        }
        throw new ApiException(DaemonErrors.of(e, call.name(), new Subject("sandboxes", call.name())));
    }

    private ApiException garbage(String what) {
        return new ApiException(
                new ApiError.NoAnswer("what listens on port %d of sandbox \"%s\" gave no answer of HTTP/1.1: %s"
                        .formatted(target.port(), call.name(), what)));
    }

    /** In words of ours: what the port said is no matter of an audit line. */
    private String why(IOException e) {
        if (exchange.isClientGone()) {
            return "the client left";
        }
        return switch (e) {
            case MisbehavedException _ -> "the port gave no answer of HTTP/1.1";
            case Tunnel.BrokenException _ -> "the port broke the connection";
            default -> "the connection broke";
        };
    }

    private static String said(IOException e) {
        return e.getMessage() == null ? "the connection broke" : e.getMessage();
    }
}
