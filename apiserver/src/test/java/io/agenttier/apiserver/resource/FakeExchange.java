package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.MalformedException;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.ByteSocket;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.StreamingAnswer;
import io.agenttier.apiserver.route.WebSocket;
import io.agenttier.apiserver.route.WebSocketOffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** An exchange that remembers what was answered. */
public final class FakeExchange implements Exchange, StreamingAnswer {
    private final byte[] body;
    private final InputStream stream;
    private final boolean lengthKnown;
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final List<Runnable> whenGone = new ArrayList<>();
    final Map<String, String> notes = new LinkedHashMap<>();
    boolean notesContent;
    final FakeSocket socket = new FakeSocket();
    private volatile Runnable rightLost = () -> {};
    private volatile Runnable goingAway = () -> {};
    private volatile boolean isStopping;
    private boolean gone;
    private volatile int status;
    private Map<String, String> headers = Map.of();
    Map<String, String> trailers = Map.of();
    final FakeBytes bytes = new FakeBytes();
    private boolean ended;
    private boolean aborted;

    private FakeExchange(byte[] body, boolean lengthKnown) {
        this(body, new ByteArrayInputStream(body), lengthKnown);
    }

    private FakeExchange(byte[] body, InputStream stream, boolean lengthKnown) {
        this.body = body;
        this.stream = stream;
        this.lengthKnown = lengthKnown;
    }

    public static FakeExchange with(String body) {
        return new FakeExchange(body.getBytes(StandardCharsets.UTF_8), true);
    }

    static FakeExchange empty() {
        return with("");
    }

    /** A body of unknown length. */
    static FakeExchange streaming(InputStream body) {
        return new FakeExchange(new byte[0], body, false);
    }

    FakeExchange chunked() {
        return new FakeExchange(body, false);
    }

    public int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    public synchronized String text() {
        return sent.toString(StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        return sent.toByteArray();
    }

    Map<String, Object> json() {
        try {
            return Json.object(sent.toByteArray());
        } catch (MalformedException e) {
            throw new AssertionError(text(), e);
        }
    }

    boolean isEnded() {
        return ended;
    }

    boolean isAborted() {
        return aborted;
    }

    /** The client closes its connection. */
    void leave() {
        List<Runnable> actions;
        synchronized (this) {
            gone = true;
            actions = List.copyOf(whenGone);
        }
        socket.leave();
        bytes.leave();
        actions.forEach(Runnable::run);
    }

    @Override
    public OptionalLong contentLength() {
        return lengthKnown ? OptionalLong.of(body.length) : OptionalLong.empty();
    }

    @Override
    public InputStream body(long maxBytes) {
        if (body.length > maxBytes) {
            throw new ApiException(new ApiError.TooLarge("the body is longer than %d".formatted(maxBytes)));
        }
        return stream;
    }

    @Override
    public void answer(Answer answer) {
        begin(answer.status(), answer.headers());
        sent.writeBytes(answer.body());
        ended = true;
    }

    @Override
    public StreamingAnswer stream(int status, Map<String, String> headers) {
        begin(status, headers);
        return this;
    }

    @Override
    public WebSocket upgrade(WebSocketOffer.Agreed agreed, Map<String, String> newHeaders) throws ClientGoneException {
        begin(101, newHeaders);
        synchronized (this) {
            if (gone) {
                throw new ClientGoneException();
            }
        }
        return socket;
    }

    @Override
    public ByteSocket pass(Map<String, String> newHeaders) throws ClientGoneException {
        begin(101, newHeaders);
        return bytes;
    }

    @Override
    public void onRightLost(Runnable action) {
        rightLost = action;
    }

    /** The caller loses the right to this call. */
    void loseRight() {
        rightLost.run();
    }

    @Override
    public void onGoingAway(Runnable action) {
        goingAway = action;
        if (isStopping) {
            action.run();
        }
    }

    /** This server stops and waits no longer. */
    void serverStops() {
        isStopping = true;
        goingAway.run();
    }

    @Override
    public synchronized boolean isClientGone() {
        return gone;
    }

    @Override
    public void note(Note note, String value) {
        notes.put(note.key(), value);
    }

    @Override
    public boolean notesContent() {
        return notesContent;
    }

    @Override
    public void onClientGone(Runnable action) {
        boolean now;
        synchronized (this) {
            now = gone;
            whenGone.add(action);
        }
        if (now) {
            action.run();
        }
    }

    @Override
    public boolean hasBegun() {
        return status != 0;
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        if (gone) {
            throw new ClientGoneException();
        }
        sent.write(bytes, offset, length);
    }

    @Override
    public void end(Map<String, String> newTrailers) {
        trailers = newTrailers;
        ended = true;
    }

    @Override
    public void abort() {
        aborted = true;
    }

    private void begin(int newStatus, Map<String, String> newHeaders) {
        if (status != 0) {
            throw new AssertionError("answered twice");
        }
        status = newStatus;
        headers = newHeaders;
    }

    /** A field of the answer by path, for example {@code items.0.id}. */
    @Nullable
    Object at(String path) {
        Object value = json();
        for (var step : path.split("\\.", -1)) {
            value = switch (value) {
                case Map<?, ?> map -> map.get(step);
                case List<?> list -> list.get(Integer.parseInt(step));
                default -> throw new AssertionError("no %s in %s".formatted(path, text()));
            };
            if (value == null) {
                return null;
            }
        }
        return value;
    }
}
