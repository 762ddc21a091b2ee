package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.StreamingAnswer;
import io.agenttier.apiserver.sandboxd.Frame;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sends the output of one process as server-sent events: {@code log} and {@code gap}, between a beginning and an ending that the subresource
 * chooses; {@code continue} instead of the ending when the answer may last no longer ({@code spec} behaviour §1), or this replica stops.
 */
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

    /** What is sent before the output. */
    @FunctionalInterface
    interface Beginning {
        void send(EventPump pump) throws IOException;
    }

    /** What is sent after all of the output. */
    @FunctionalInterface
    interface Ending {
        void send(EventPump pump, Frame.Exited exited) throws IOException;
    }

    private EventPump(StreamingAnswer answer, LiveOutput output, ProcessNotes notes) {
        this.answer = answer;
        this.output = output;
        this.notes = notes;
    }

    /** Sends one event and nothing else. */
    static void single(Exchange exchange, String name, Map<String, @Nullable Object> data) throws IOException {
        var answer = exchange.stream(200, HEADERS);
        var event = EventText.event(name, 0, data);
        answer.write(event, 0, event.length);
        answer.end();
    }

    /** Sends a process as {@code log} and {@code exec} show it: its {@code start}, its output, its {@code exit}. */
    static void run(Exchange exchange, LiveOutput output) throws IOException {
        run(exchange, output, pump -> pump.start("process"), (pump, exited) -> pump.exit("process", exited));
    }

    /**
     * Runs until the process has ended, the output is at its end or is paused, or the client is gone. When the sandbox cannot be reached the
     * answer is cut, so that nobody takes it for the whole; its client goes on by {@code log}.
     */
    static void run(Exchange exchange, LiveOutput output, Beginning beginning, Ending ending) throws IOException {
        var answer = exchange.stream(200, HEADERS);
        answer.onClientGone(output::abort);
        if (output.isFollowed()) {
            // whoever does not follow takes every proper end for the present one: he is cut
            exchange.onGoingAway(output::pause);
        }
        var pump = new EventPump(answer, output, new ProcessNotes(exchange, output.process()));
        try {
            beginning.send(pump);
            for (var frame = output.next(); frame.isPresent(); frame = output.next()) {
                if (frame.get() instanceof Frame.Exited exited) {
                    pump.flush();
                    pump.notes.ended(exited.exit());
                    ending.send(pump, exited);
                } else {
                    pump.pass(frame.get());
                }
            }
            if (output.isPaused()) {
                pump.notes.continued();
                pump.goOn();
            } else {
                pump.flush();
            }
            answer.end();
        } catch (IOException | RuntimeException e) {
            answer.abort();
            throw e;
        } finally {
            pump.notes.write();
        }
    }

    /** @param handle what the process is called in the event */
    void start(String handle) throws IOException {
        var data = new LinkedHashMap<String, @Nullable Object>();
        data.put(handle, output.process().id());
        data.put("startedAt", output.process().startedAt().toEpochMilli());
        send("start", output.position(), data);
    }

    /** @param handle what the process is called in the event */
    void exit(String handle, Frame.Exited exited) throws IOException {
        var data = new LinkedHashMap<String, @Nullable Object>();
        data.put(handle, output.process().id());
        Outcome.of(exited.exit()).addTo(data);
        send("exit", exited.offset(), data);
    }

    /** An event of the subresource's own, at the end of the output. */
    void event(String name, long id, Map<String, @Nullable Object> data) throws IOException {
        send(name, id, data);
    }

    /** The beginning of a character that has not been sent comes again, whole. */
    private void goOn() throws IOException {
        long offset = output.position() - pieces.waiting();
        var data = new LinkedHashMap<String, @Nullable Object>();
        data.put("process", output.process().id());
        data.put("offset", offset);
        send("continue", offset, data);
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
            case Frame.KeepAlive _ -> write(EventText.keepAlive());
            case Frame.StdinTaken _, Frame.Notice _ -> {}
            case Frame.Started _, Frame.Exited _ ->
                throw new IllegalStateException("a process starts once and ends once");
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
