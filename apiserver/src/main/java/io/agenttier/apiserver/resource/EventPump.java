package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.StreamingAnswer;
import io.agenttier.apiserver.sandboxd.Frame;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sends the output of one process as server-sent events: {@code start}, {@code log}, {@code gap}, {@code exit}. */
final class EventPump {
    private static final Map<String, String> HEADERS = Map.of(
            "Content-Type",
            EventText.MEDIA_TYPE,
            "Cache-Control",
            "no-cache",
            "X-Accel-Buffering",
            "no",
            "X-Content-Type-Options",
            "nosniff");

    private final StreamingAnswer answer;
    private final LiveOutput output;
    private final ProcessNotes notes;
    private final Pieces pieces = new Pieces();

    private EventPump(StreamingAnswer answer, LiveOutput output, ProcessNotes notes) {
        this.answer = answer;
        this.output = output;
        this.notes = notes;
    }

    /**
     * Runs until the process has ended, the output is at its end, or the client is gone. When the sandbox cannot be reached the answer is
     * cut, so that nobody takes it for the whole; its client goes on by {@code log}.
     */
    static void run(Exchange exchange, LiveOutput output) throws IOException {
        long from = output.position();
        var answer = exchange.stream(200, HEADERS);
        answer.onClientGone(output::abort);
        var pump = new EventPump(answer, output, new ProcessNotes(exchange, output.process()));
        try {
            pump.start(from);
            for (var frame = output.next(); frame.isPresent(); frame = output.next()) {
                pump.pass(frame.get());
            }
            pump.flush();
            answer.end();
        } catch (IOException | RuntimeException e) {
            answer.abort();
            throw e;
        } finally {
            pump.notes.write();
        }
    }

    private void start(long from) throws IOException {
        var data = new LinkedHashMap<String, @Nullable Object>();
        data.put("process", output.process().id());
        data.put("startedAt", output.process().startedAt().toEpochMilli());
        send("start", from, data);
    }

    private void pass(Frame frame) throws IOException {
        switch (frame) {
            case Frame.Output bytes -> {
                notes.add(bytes);
                for (var piece : pieces.add(bytes)) {
                    log(piece);
                }
            }
            case Frame.Gap gap -> {
                flush();
                var data = new LinkedHashMap<String, @Nullable Object>();
                data.put("from", gap.from());
                data.put("to", gap.to());
                send("gap", gap.to(), data);
            }
            case Frame.Exited exited -> {
                flush();
                notes.ended(exited.exit());
                var data = new LinkedHashMap<String, @Nullable Object>();
                data.put("process", output.process().id());
                Outcome.of(exited.exit()).addTo(data);
                send("exit", exited.offset(), data);
            }
            case Frame.KeepAlive _ -> write(EventText.keepAlive());
            case Frame.StdinTaken _, Frame.Notice _ -> {}
            case Frame.Started _ -> throw new IllegalStateException("a process starts once");
        }
    }

    private void flush() throws IOException {
        var rest = pieces.flush();
        if (rest.isPresent()) {
            log(rest.get());
        }
    }

    private void log(Pieces.Piece piece) throws IOException {
        var data = new LinkedHashMap<String, @Nullable Object>();
        data.put("stream", piece.stream().text());
        Utf8.put(data, "data", piece.bytes());
        data.put("offset", piece.end());
        send("log", piece.end(), data);
    }

    private void send(String event, long id, Map<String, @Nullable Object> data) throws IOException {
        write(EventText.event(event, id, data));
    }

    private void write(byte[] bytes) throws IOException {
        answer.write(bytes, 0, bytes.length);
    }
}
