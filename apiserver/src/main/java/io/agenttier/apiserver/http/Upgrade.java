package io.agenttier.apiserver.http;

import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.WebSocketOffer;
import io.agenttier.apiserver.stream.ClientPresence;
import io.agenttier.apiserver.stream.NettyWebSocket;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.flow.FlowControlHandler;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** Turns the pipeline of one HTTP connection into that of a WebSocket, or of bytes. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
final class Upgrade {
    /** RFC 6455 §1.3. */
    private static final String SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private Upgrade() {}

    /** @throws ClientGoneException as of {@link #perform} */
    static NettyWebSocket toWebSocket(
            Channel channel,
            RequestGate gate,
            HttpExchange exchange,
            WebSocketOffer.Agreed agreed,
            Map<String, String> headers)
            throws ClientGoneException {
        var all = new LinkedHashMap<>(headers);
        all.put("Upgrade", "websocket");
        all.put("Connection", "Upgrade");
        all.put("Sec-WebSocket-Accept", accept(agreed.key()));
        all.put("Sec-WebSocket-Protocol", agreed.protocol());
        var socket = perform(channel, gate, all, exchange, NettyWebSocket::into);
        socket.begin();
        return socket;
    }

    /**
     * @param headers of the handshake too
     * @throws ClientGoneException as of {@link #perform}
     */
    static RawSocket toBytes(
            Channel channel, RequestGate gate, HttpExchange exchange, Map<String, String> headers, Duration stall)
            throws ClientGoneException {
        var socket = perform(
                channel, gate, headers, exchange, (pipeline, client) -> RawSocket.into(pipeline, client, stall));
        socket.begin();
        return socket;
    }

    /**
     * Sends 101 and exchanges the handlers, in one go on the event loop, in this order:
     *
     * <ol>
     *   <li>flow control gives the gate what it still holds: the end of the request, or more than that
     *   <li>the gate lets go, or the client has broken the rules
     *   <li>101 leaves while the encoder of HTTP is there
     *   <li>the decoder goes last: what it has read beyond the request belongs to the other protocol
     * </ol>
     *
     * @param into adds the handlers of the other protocol
     * @throws ClientGoneException it left, or sent another request before the answer to this one
     */
    private static <T> T perform(
            Channel channel,
            RequestGate gate,
            Map<String, String> headers,
            HttpExchange exchange,
            BiFunction<ChannelPipeline, ClientPresence, T> into)
            throws ClientGoneException {
        var pipeline = channel.pipeline();
        pipeline.remove(FlowControlHandler.class);
        if (!gate.release(exchange)) {
            throw new ClientGoneException();
        }
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
        headers.forEach(response.headers()::set);
        channel.writeAndFlush(response, channel.voidPromise());
        pipeline.remove(gate);
        var socket = into.apply(pipeline, exchange.client);
        pipeline.remove(HttpResponseEncoder.class);
        pipeline.remove(StrictRequestDecoder.class);
        return socket;
    }

    private static String accept(String key) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder().encodeToString(sha1.digest((key + SALT).getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
