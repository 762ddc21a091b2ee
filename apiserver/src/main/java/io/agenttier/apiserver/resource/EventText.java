package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.codec.Json;
import java.nio.charset.StandardCharsets;

/** Server-sent events on the wire: {@code id} is the position after the event's last byte, {@code data} one line of JSON. */
final class EventText {
    static final String MEDIA_TYPE = "text/event-stream";
    private static final byte[] KEEPALIVE = ": keepalive\n\n".getBytes(StandardCharsets.US_ASCII);

    private EventText() {}

    static byte[] event(String name, long id, Object data) {
        var head = "event: %s\nid: %d\ndata: ".formatted(name, id).getBytes(StandardCharsets.US_ASCII);
        var json = Json.write(data);
        var event = new byte[head.length + json.length + 2];
        System.arraycopy(head, 0, event, 0, head.length);
        System.arraycopy(json, 0, event, head.length, json.length);
        event[event.length - 2] = '\n';
        event[event.length - 1] = '\n';
        return event;
    }

    /** A comment, so that proxies see the connection alive. */
    static byte[] keepAlive() {
        return KEEPALIVE.clone();
    }
}
