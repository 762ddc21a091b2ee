package io.agenttier.controller.kube;

import com.google.gson.JsonObject;
import io.agenttier.api.ApiGroup;
import io.agenttier.api.Labels;
import io.agenttier.api.Sandbox;
import io.agenttier.controller.effect.Effect;
import io.agenttier.controller.plan.Transitions;
import io.kubernetes.client.openapi.models.CoreV1Event;
import io.kubernetes.client.openapi.models.V1EventSource;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1ObjectReference;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Events about sandboxes from one thread of its own. It never holds anyone up: when its queue is full, Events are dropped. A repeat of
 * the same Event counts up the first one.
 */
public final class EventSink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventSink.class);
    private static final int WAITING_MAX = 1024;
    private static final int REMEMBERED_MAX = 4096;

    /** The API server refuses Events with longer messages. */
    private static final int MESSAGE_MAX = 1024;

    private final Rest rest;
    private final InstantSource clock;
    private final BlockingQueue<Pending> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    /** Thread of this sink only. */
    private final Map<Key, Seen> seen = new LinkedHashMap<>(16, 0.75f, true);

    private final Thread thread;

    private record Pending(Sandbox sandbox, Transitions.Note note, Instant time) {}

    private record Key(String uid, String reason, String message) {}

    private record Seen(String name, int count) {}

    public EventSink(Rest rest, InstantSource clock) {
        this.rest = rest;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("events").unstarted(this::run);
        thread.start();
    }

    public void add(Sandbox sandbox, Transitions.Note note) {
        if (!waiting.offer(new Pending(sandbox, note, clock.instant()))) {
            LOG.atDebug().addKeyValue("reason", note.reason()).log("dropped an Event, the queue is full");
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                write(waiting.take());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.atDebug().setCause(e).log("an Event could not be written");
            }
        }
    }

    private void write(Pending pending) {
        var note = pending.note();
        var key = new Key(pending.sandbox().metadata().uid(), note.reason(), note.message());
        var before = seen.get(key);
        var path = "/api/v1/namespaces/" + pending.sandbox().metadata().namespace() + "/events";
        if (before != null && countUp(path, before, pending.time())) {
            seen.put(key, new Seen(before.name(), before.count() + 1));
            return;
        }
        var name = pending.sandbox().metadata().name() + "."
                + Long.toHexString(pending.time().toEpochMilli()) + "-" + Integer.toHexString(key.hashCode());
        if (rest.create(Effect.CREATE_EVENT, path, name, event(pending, name), Labels.MANAGER_CONTROLLER)
                instanceof Answer.Refused r) {
            LOG.atDebug().addKeyValue("answer", r.refusal().message()).log("an Event was refused");
            return;
        }
        seen.put(key, new Seen(name, 1));
        if (seen.size() > REMEMBERED_MAX) {
            seen.remove(seen.keySet().iterator().next());
        }
    }

    private boolean countUp(String path, Seen before, Instant time) {
        var body = new JsonObject();
        body.addProperty("count", before.count() + 1);
        body.addProperty("lastTimestamp", DateTimeFormatter.ISO_INSTANT.format(time.truncatedTo(ChronoUnit.SECONDS)));
        return rest.mergePatch(Effect.COUNT_EVENT, path + "/" + before.name(), body, Labels.MANAGER_CONTROLLER)
                instanceof Answer.Done;
    }

    /** At most as many bytes as allowed, whatever the characters are. */
    private static String shorten(String text) {
        var end = Math.min(text.length(), MESSAGE_MAX);
        while (text.substring(0, end).getBytes(StandardCharsets.UTF_8).length > MESSAGE_MAX) {
            end -= Math.max(1, end / 8);
        }
        return text.substring(0, end);
    }

    private static CoreV1Event event(Pending pending, String name) {
        var metadata = pending.sandbox().metadata();
        var time = pending.time().atOffset(ZoneOffset.UTC);
        return new CoreV1Event()
                .apiVersion("v1")
                .kind("Event")
                .metadata(new V1ObjectMeta().name(name).namespace(metadata.namespace()))
                .involvedObject(new V1ObjectReference()
                        .apiVersion(ApiGroup.API_VERSION)
                        .kind(Sandbox.KIND)
                        .namespace(metadata.namespace())
                        .name(metadata.name())
                        .uid(metadata.uid()))
                .reason(pending.note().reason())
                .message(shorten(pending.note().message()))
                .type(pending.note().warning() ? "Warning" : "Normal")
                .source(new V1EventSource().component(Labels.MANAGER_CONTROLLER))
                .count(1)
                .firstTimestamp(time)
                .lastTimestamp(time);
    }
}
