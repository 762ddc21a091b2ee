package io.agenttier.apiserver.http;

import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.ByteSocket;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.StreamingAnswer;
import io.agenttier.apiserver.route.WebSocket;
import io.agenttier.apiserver.route.WebSocketOffer;
import io.agenttier.apiserver.stream.ClientPresence;
import io.agenttier.apiserver.stream.OutboundBudget;
import io.agenttier.apiserver.telemetry.Metrics;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Body and answer of one request on its connection. The request's virtual thread calls the {@link Exchange} part, the event loop the rest. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
final class HttpExchange implements Exchange {
    /** An answer up to this size leaves in one write, whatever the client takes. */
    private static final int ONE_WRITE_BYTES = 64 * 1024;
    /** An unread rest of a body up to this size is read and dropped, so that the connection can go on. */
    static final long DRAIN_BYTES = 256 * 1024;

    private static final int INTERNAL_ERROR = 1011;

    private final Channel channel;
    private final RequestGate gate;
    private final HttpLimits limits;
    private final Metrics metrics;
    private final boolean isHead;
    private final boolean isHttp10;
    private final OptionalLong contentLength;

    final BodyQueue body = new BodyQueue();
    final ClientPresence client;
    final LastWord lastWord = new LastWord();
    private volatile boolean awaitsContinue;
    private volatile boolean begun;
    private volatile boolean ended;
    private volatile boolean lastOnConnection;
    private volatile Runnable farewell = () -> {};

    HttpExchange(
            Channel channel,
            RequestGate gate,
            HttpRequest request,
            HttpLimits limits,
            OutboundBudget budget,
            Metrics metrics) {
        this.channel = channel;
        this.gate = gate;
        this.limits = limits;
        this.metrics = metrics;
        this.client = new ClientPresence(channel, budget, () -> metrics.connectionCut(Metrics.Cut.ANSWER_TIME));
        this.isHead = request.method().equals(HttpMethod.HEAD);
        this.isHttp10 = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        // of a head that was not understood the length may be no number
        this.contentLength = request.decoderResult().isFailure() || HttpUtil.isTransferEncodingChunked(request)
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(0, HttpUtil.getContentLength(request, 0L)));
        this.awaitsContinue = HttpUtil.is100ContinueExpected(request);
        // kube-apiserver closes a connection that was to be upgraded, without a word of its own to the client
        this.lastOnConnection =
                !HttpUtil.isKeepAlive(request) || request.headers().contains(HttpHeaderNames.UPGRADE);
    }

    @Override
    public OptionalLong contentLength() {
        return contentLength;
    }

    @Override
    public InputStream body(long maxBytes) {
        if (contentLength.isPresent() && contentLength.getAsLong() > maxBytes) {
            throw BodyStream.tooLarge(Long.toString(contentLength.getAsLong()), maxBytes);
        }
        var pace = new BodyPace(limits.stall(), maxBytes == Long.MAX_VALUE ? 0 : limits.bodyBytesPerSecond());
        return new BodyStream(body, this::wantMore, pace, maxBytes, this::tooSlow);
    }

    private void tooSlow() {
        metrics.connectionCut(Metrics.Cut.BODY_TIME);
        lastOnConnection = true;
    }

    private void wantMore() {
        if (awaitsContinue) {
            awaitsContinue = false;
            channel.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
        gate.resumeReading();
    }

    @Override
    public void answer(Answer answer) {
        begin();
        byte[] content = answer.body();
        var status = HttpResponseStatus.valueOf(answer.status());
        boolean small = isHead || content.length <= ONE_WRITE_BYTES;
        if (small) {
            var bytes = isHead ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(content);
            var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, bytes);
            setHeaders(response.headers(), answer.headers());
            setLength(response.headers(), answer, content.length);
            ended();
            channel.writeAndFlush(response, client.sending(bytes.readableBytes()));
            return;
        }
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
        setHeaders(response.headers(), answer.headers());
        setLength(response.headers(), answer, content.length);
        channel.write(response, channel.voidPromise());
        var sink = new AnswerStream(channel, this, false);
        try {
            sink.write(content, 0, content.length);
            sink.end();
        } catch (IOException e) {
            sink.abort();
        }
    }

    @Override
    public StreamingAnswer stream(int status, Map<String, String> headers) {
        begin();
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
        setHeaders(response.headers(), headers);
        boolean isMute = isHead || hasNoContent(status);
        if (isMute) {
            // no body follows, so no length is needed
        } else if (response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
            // the use case knows it, as for a file
        } else if (isHttp10) {
            lastOnConnection = true;
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else {
            response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        channel.writeAndFlush(response, channel.voidPromise());
        return new AnswerStream(channel, this, isMute);
    }

    @Override
    public WebSocket upgrade(WebSocketOffer.Agreed agreed, Map<String, String> headers) throws ClientGoneException {
        var webSocket = switchTo(() -> Upgrade.toWebSocket(channel, gate, this, agreed, headers));
        farewell = () -> webSocket.close(INTERNAL_ERROR, "");
        return webSocket;
    }

    @Override
    public ByteSocket pass(Map<String, String> headers) throws ClientGoneException {
        var socket = switchTo(() -> Upgrade.toBytes(channel, gate, this, headers, limits.stall()));
        farewell = socket::finish;
        return socket;
    }

    /** Lets the event loop exchange the handlers of the connection. */
    private <T> T switchTo(Switch<T> change) throws ClientGoneException {
        begin();
        var opened = new CompletableFuture<T>();
        channel.eventLoop().execute(() -> {
            try {
                opened.complete(change.perform());
            } catch (ClientGoneException | RuntimeException e) {
                channel.close();
                opened.completeExceptionally(e);
            }
        });
        try {
            return opened.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ClientGoneException) {
                throw new ClientGoneException();
            }
            throw e;
        }
    }

    private interface Switch<T> {
        T perform() throws ClientGoneException;
    }

    /** The call is over: a connection that became something else, and that its use case has not closed, is closed. */
    void closeSocket() {
        farewell.run();
    }

    /** Bytes that may be sent at once. */
    int awaitRoom() throws ClientGoneException {
        return client.awaitRoom(limits.stall());
    }

    @Override
    public void onGoingAway(Runnable action) {
        lastWord.is(action);
    }

    @Override
    public void onRightLost(Runnable action) {
        throw new UnsupportedOperationException("rights belong to an authorized call");
    }

    @Override
    public void note(Note note, String value) {
        throw new UnsupportedOperationException("notes belong to an audited call");
    }

    @Override
    public boolean notesContent() {
        return false;
    }

    @Override
    public void onClientGone(Runnable action) {
        client.onGone(action);
    }

    @Override
    public boolean isClientGone() {
        return client.isGone();
    }

    @Override
    public boolean hasBegun() {
        return begun;
    }

    boolean hasEnded() {
        return ended;
    }

    void end(Map<String, String> trailers) {
        ended();
        channel.writeAndFlush(last(trailers), channel.voidPromise());
    }

    /** Before the last bytes are written: a client that has them may leave at once, and is not gone then. */
    private void ended() {
        ended = true;
        client.served();
    }

    private static LastHttpContent last(Map<String, String> trailers) {
        if (trailers.isEmpty()) {
            return LastHttpContent.EMPTY_LAST_CONTENT;
        }
        var last = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        trailers.forEach(last.trailingHeaders()::set);
        return last;
    }

    /** Whether the connection must be closed after this answer. */
    boolean isLastOnConnection() {
        return lastOnConnection;
    }

    /** Nothing comes after this request, because the server stops. */
    void closeAfterwards() {
        lastOnConnection = true;
    }

    private void begin() {
        if (begun) {
            throw new IllegalStateException("an answer has begun already");
        }
        begun = true;
        boolean restIsCheap = contentLength.isEmpty() || contentLength.getAsLong() <= DRAIN_BYTES;
        if (!body.isComplete() && (awaitsContinue || !restIsCheap)) {
            lastOnConnection = true;
        }
    }

    private void setHeaders(HttpHeaders target, Map<String, String> headers) {
        headers.forEach(target::set);
        if (lastOnConnection) {
            target.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (isHttp10) {
            target.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
    }

    private static boolean hasNoContent(int status) {
        return status == 204 || status == 304;
    }

    private static void setLength(HttpHeaders target, Answer answer, int length) {
        if (!hasNoContent(answer.status())) {
            target.set(HttpHeaderNames.CONTENT_LENGTH, length);
        }
    }
}
