package io.agenttier.apiserver.route;

import io.agenttier.apiserver.auth.Attributes;
import io.agenttier.apiserver.auth.Identity;
import io.agenttier.apiserver.telemetry.AuditLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The audit lines of a call: received, started where the answer is a stream, complete. */
public final class CallAudit {
    private static final int LONGEST_ID = 64;
    private static final int MOST_SOURCES = 16;
    private static final String CLIENT_LEFT = "the client left";

    private final AuditLog log;
    private final Supplier<String> ids;
    private final boolean content;

    /**
     * @param ids makes an audit id for calls that bring none to believe
     * @param content lines hold content of calls too, for development
     */
    public CallAudit(AuditLog log, Supplier<String> ids, boolean content) {
        this.log = log;
        this.ids = ids;
        this.content = content;
    }

    /** The lines of one call; closing it writes the last one. */
    final class Entry implements AutoCloseable {
        private final AuditLog.Subject subject;
        private final ObservedExchange exchange;

        private Entry(AuditLog.Subject subject, ObservedExchange exchange) {
            this.subject = subject;
            this.exchange = exchange;
        }

        String auditId() {
            return subject.auditId();
        }

        @Override
        public void close() {
            var notes = exchange.notes();
            boolean isClosedByUs =
                    notes.containsKey(Note.CLOSE_CODE.key()) || notes.containsKey(Note.CLOSE_REASON.key());
            if (exchange.isClientGone() && !isClosedByUs) {
                exchange.note(Note.CLOSE_REASON, CLIENT_LEFT);
            }
            log.completed(subject, exchange.code(), exchange.notes());
        }
    }

    /**
     * Writes the first line. Behind the front proxy the id is that of kube-apiserver's own lines and goes back in the answer from there;
     * on a direct call we make one and return it.
     */
    Entry open(Incoming incoming, Identity identity, Attributes.Resource object, ObservedExchange exchange) {
        var given = identity.viaFrontProxy() ? incoming.header("audit-id").orElse("") : "";
        var id = given.isEmpty() || given.length() > LONGEST_ID ? ids.get() : given;
        if (!identity.viaFrontProxy()) {
            exchange.addToAnswers(Map.of("Audit-ID", id));
        }
        var subject = new AuditLog.Subject(
                id,
                AuditedTarget.of(incoming.target(), object.subresource()),
                identity.user(),
                sources(incoming, identity),
                incoming.header("user-agent").orElse(null),
                object,
                incoming.received());
        if (content) {
            exchange.keepContent();
        }
        log.received(subject);
        exchange.whenStreamBegins(_ -> log.started(subject, exchange.code()));
        return new Entry(subject, exchange);
    }

    /** The chain of the client as the front proxy saw it, then the peer itself. */
    private static List<String> sources(Incoming incoming, Identity identity) {
        var sources = new ArrayList<String>();
        if (identity.viaFrontProxy()) {
            sources.addAll(forwardedFor(incoming));
        }
        sources.add(incoming.source());
        return sources;
    }

    /** What a front proxy says of the way to it. */
    static List<String> forwardedFor(Incoming incoming) {
        var addresses = new ArrayList<String>();
        for (var line : incoming.headers().getOrDefault("x-forwarded-for", List.of())) {
            for (var address : line.split(",", -1)) {
                if (!address.isBlank() && addresses.size() < MOST_SOURCES) {
                    addresses.add(address.strip());
                }
            }
        }
        return addresses;
    }
}
