package io.agenttier.apiserver.route;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** An exchange that remembers what was answered and noted, for audit and metrics. */
final class ObservedExchange implements Exchange {
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int ACCESS_REVOKED = 4003;

    private final Exchange exchange;
    private final Map<String, String> notes = new LinkedHashMap<>();
    private Map<String, String> commonHeaders = Map.of();
    private final List<Consumer<Runnable>> onStream = new ArrayList<>();
    private final AtomicLong requestBytes = new AtomicLong();
    private final AtomicLong responseBytes = new AtomicLong();
    private volatile boolean notesContent;
    private volatile int code;
    private volatile Runnable whenRightLost = () -> {};

    ObservedExchange(Exchange exchange) {
        this.exchange = exchange;
    }

    /** Status sent, 0 before an answer. */
    int code() {
        return code;
    }

    /** What was noted, and how many bytes the bodies had. */
    Map<String, String> notes() {
        var all = new HashMap<String, String>();
        count(all, Note.BYTES_REQUEST, requestBytes.get());
        count(all, Note.BYTES_RESPONSE, responseBytes.get());
        synchronized (notes) {
            all.putAll(notes);
        }
        return Map.copyOf(all);
    }

    private static void count(Map<String, String> notes, Note note, long bytes) {
        if (bytes > 0) {
            notes.put(note.key(), Long.toString(bytes));
        }
    }

    /** From now on notes with content of the call are kept. */
    void keepContent() {
        notesContent = true;
    }

    /** @param headers added to whatever is answered */
    void addToAnswers(Map<String, String> headers) {
        commonHeaders = Map.copyOf(headers);
    }

    /** @param action gets the way to end an answer of unknown length early, when it begins */
    void whenStreamBegins(Consumer<Runnable> action) {
        onStream.add(action);
    }

    @Override
    public OptionalLong contentLength() {
        return exchange.contentLength();
    }

    @Override
    public InputStream body(long maxBytes) {
        return new CountedBody(exchange.body(maxBytes), requestBytes);
    }

    @Override
    public void answer(Answer answer) {
        code = answer.status();
        responseBytes.addAndGet(answer.body().length);
        exchange.answer(new Answer(answer.status(), with(answer.headers()), answer.body()));
    }

    @Override
    public StreamingAnswer stream(int status, Map<String, String> headers) {
        code = status;
        var stream = new CountedAnswer(exchange.stream(status, with(headers)), responseBytes);
        whenRightLost = stream::abort;
        streamBegins();
        return stream;
    }

    @Override
    public WebSocket upgrade(WebSocketOffer.Agreed agreed, Map<String, String> headers) throws ClientGoneException {
        var socket = exchange.upgrade(agreed, with(headers));
        code = SWITCHING_PROTOCOLS;
        whenRightLost = () -> socket.close(ACCESS_REVOKED, "access_revoked");
        streamBegins();
        return socket;
    }

    @Override
    public ByteSocket pass(Map<String, String> headers) throws ClientGoneException {
        var socket = exchange.pass(with(headers));
        code = SWITCHING_PROTOCOLS;
        whenRightLost = socket::close;
        streamBegins();
        return socket;
    }

    @Override
    public void onRightLost(Runnable action) {
        whenRightLost = action;
    }

    /** Whether the call became a WebSocket. */
    boolean isUpgraded() {
        return code == SWITCHING_PROTOCOLS;
    }

    private void streamBegins() {
        onStream.forEach(action -> action.accept(() -> whenRightLost.run()));
    }

    @Override
    public void note(Note note, String value) {
        if (note.isContent() && !notesContent) {
            return;
        }
        // a half of a surrogate pair is no Unicode, and would spoil the whole line
        var whole = new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        synchronized (notes) {
            notes.put(note.key(), shorten(whole, note.mostChars()));
        }
    }

    private static String shorten(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }

    @Override
    public boolean notesContent() {
        return notesContent;
    }

    @Override
    public void onClientGone(Runnable action) {
        exchange.onClientGone(action);
    }

    @Override
    public void onGoingAway(Runnable action) {
        exchange.onGoingAway(action);
    }

    @Override
    public boolean isClientGone() {
        return exchange.isClientGone();
    }

    @Override
    public boolean hasBegun() {
        return exchange.hasBegun();
    }

    private Map<String, String> with(Map<String, String> headers) {
        if (commonHeaders.isEmpty()) {
            return headers;
        }
        var all = new LinkedHashMap<>(headers);
        all.putAll(commonHeaders);
        return all;
    }
}
