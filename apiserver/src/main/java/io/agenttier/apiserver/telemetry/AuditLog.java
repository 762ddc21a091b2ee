package io.agenttier.apiserver.telemetry;

import io.agenttier.apiserver.auth.Attributes;
import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.codec.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Writes audit lines. They carry the {@code auditID} of kube-apiserver's own lines, which do not know bodies and exit codes. */
public final class AuditLog {
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    /** kube-apiserver's own bound for {@code userAgent}. */
    private static final int USER_AGENT_CHARS = 1024;

    private final InstantSource clock;
    private final Consumer<String> sink;

    /** Lines go to logger {@code audit}. */
    public AuditLog(InstantSource clock) {
        this(clock, LoggerFactory.getLogger("audit")::info);
    }

    /** @param sink takes one line without its end */
    public AuditLog(InstantSource clock, Consumer<String> sink) {
        this.clock = clock;
        this.sink = sink;
    }

    /** What stays the same in all lines of one call. */
    public record Subject(
            String auditId,
            String requestUri,
            User user,
            List<String> sourceIps,
            @Nullable String userAgent,
            Attributes.Resource object,
            Instant received) {
        public Subject {
            sourceIps = List.copyOf(sourceIps);
        }
    }

    public void received(Subject subject) {
        write(subject, "RequestReceived", null, Map.of());
    }

    public void started(Subject subject, int code) {
        write(subject, "ResponseStarted", code, Map.of());
    }

    /** @param notes annotations without their prefix */
    public void completed(Subject subject, int code, Map<String, String> notes) {
        write(subject, "ResponseComplete", code, notes);
    }

    private void write(Subject subject, String stage, @Nullable Integer code, Map<String, String> notes) {
        var object = subject.object;
        var annotations = new TreeMap<String, String>();
        notes.forEach((key, value) -> annotations.put("agenttier.io/" + key, value));
        var event = new AuditEvent(
                "Event",
                "audit.k8s.io/v1",
                "Metadata",
                subject.auditId,
                stage,
                subject.requestUri,
                object.verb(),
                AuditEvent.Who.of(subject.user),
                subject.sourceIps,
                shorten(subject.userAgent),
                new AuditEvent.ObjectRef(
                        object.resource(),
                        emptyToNull(object.namespace()),
                        emptyToNull(object.name()),
                        object.group(),
                        object.version(),
                        emptyToNull(object.subresource())),
                code == null ? null : new AuditEvent.ResponseStatus(Map.of(), code),
                MICROS.format(subject.received),
                MICROS.format(clock.instant()),
                annotations.isEmpty() ? null : annotations);
        sink.accept(new String(Json.write(event), StandardCharsets.UTF_8));
    }

    private static @Nullable String shorten(@Nullable String userAgent) {
        return userAgent == null || userAgent.length() <= USER_AGENT_CHARS
                ? userAgent
                : userAgent.substring(0, USER_AGENT_CHARS) + "...TRUNCATED";
    }

    private static @Nullable String emptyToNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
