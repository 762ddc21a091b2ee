package io.agenttier.apiserver.route;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** An exchange that remembers what was answered and noted, for audit and metrics. */
final class ObservedExchange implements Exchange {
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int ACCESS_REVOKED = 4003;

    private final Exchange exchange;
    private final Map<String, String> notes = new LinkedHashMap<>();
    private Map<String, String> commonHeaders = Map.of();
    private final List<Consumer<Runnable>> onStream = new ArrayList<>();
    private volatile int code;
    private volatile Runnable whenRightLost = () -> {};

    ObservedExchange(Exchange exchange) {
        this.exchange = exchange;
    }

    /** Status sent, 0 before an answer. */
    int code() {
        return code;
    }

    Map<String, String> notes() {
        synchronized (notes) {
            return Map.copyOf(notes);
        }
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
        return exchange.body(maxBytes);
    }

    @Override
    public void answer(Answer answer) {
        code = answer.status();
        exchange.answer(new Answer(answer.status(), with(answer.headers()), answer.body()));
    }

    @Override
    public StreamingAnswer stream(int status, Map<String, String> headers) {
        code = status;
        var stream = exchange.stream(status, with(headers));
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
    public void note(String key, String value) {
        synchronized (notes) {
            notes.put(key, value);
        }
    }

    @Override
    public void onClientGone(Runnable action) {
        exchange.onClientGone(action);
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
