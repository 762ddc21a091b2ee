package io.agenttier.e2e.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import okhttp3.Response;
import okio.BufferedSource;

/** Server-sent events of an exec or a log, read one by one. */
public final class SseStream implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Response response;
    private final BufferedSource source;

    /**
     * @param id position after the event's last byte, as text
     * @param name {@code start}, {@code log}, {@code exit}, …
     */
    public record Event(String id, String name, JsonNode data) {
        /** Bytes of a {@code log} event, whichever way they were sent. */
        public byte[] bytes() {
            return data.has("dataBase64")
                    ? Base64.getDecoder().decode(data.get("dataBase64").asText())
                    : data.path("data").asText().getBytes(StandardCharsets.UTF_8);
        }
    }

    public SseStream(Response response) {
        this.response = response;
        this.source = response.body().source();
    }

    public int code() {
        return response.code();
    }

    public String contentType() {
        return String.valueOf(response.header("Content-Type"));
    }

    /** The next event; empty at the proper end of the stream. A cut stream throws. */
    public Optional<Event> next() throws IOException {
        var id = "";
        var name = "";
        var data = new StringBuilder();
        for (var line = source.readUtf8Line(); line != null; line = source.readUtf8Line()) {
            if (line.isEmpty()) {
                if (name.isEmpty() && data.isEmpty()) continue;
                return Optional.of(new Event(id, name, JSON.readTree(data.toString())));
            }
            if (line.startsWith("id:")) id = line.substring(3).strip();
            if (line.startsWith("event:")) name = line.substring(6).strip();
            if (line.startsWith("data:")) data.append(line.substring(5).strip());
        }
        return Optional.empty();
    }

    /** The next event of this name, skipping others. */
    public Event await(String name) throws IOException {
        for (var event = next(); event.isPresent(); event = next()) {
            if (event.get().name().equals(name)) return event.get();
        }
        throw new IOException("the stream ended before an event \"" + name + "\" came");
    }

    /** Everything up to the end. */
    public List<Event> rest() throws IOException {
        var events = new ArrayList<Event>();
        for (var event = next(); event.isPresent(); event = next()) events.add(event.get());
        return events;
    }

    /** Bytes of one stream in these events. */
    public static byte[] output(List<Event> events, String stream) {
        var bytes = new ByteArrayOutputStream();
        events.stream()
                .filter(event -> event.name().equals("log")
                        && event.data().path("stream").asText().equals(stream))
                .forEach(event -> bytes.writeBytes(event.bytes()));
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        response.close();
    }
}
