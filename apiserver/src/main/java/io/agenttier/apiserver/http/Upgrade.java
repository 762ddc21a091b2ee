package io.agenttier.apiserver.http;

import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.WebSocketOffer;
import io.agenttier.apiserver.stream.NettyWebSocket;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.flow.FlowControlHandler;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/** Turns the pipeline of one HTTP connection into that of a WebSocket. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
final class Upgrade {
    /** RFC 6455 §1.3. */
    private static final String SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private Upgrade() {}

    /**
     * Sends 101 and exchanges the handlers, in one go on the event loop, in this order:
     *
     * <ol>
     *   <li>flow control gives the gate what it still holds: the end of the request, or more than that
     *   <li>the gate lets go, or the client has broken the rules
     *   <li>101 leaves while the encoder of HTTP is there
     *   <li>the decoder goes last: what it has read beyond the request belongs to the WebSocket
     * </ol>
     *
     * @throws ClientGoneException it left, or sent another request before the answer to this one
     */
    static NettyWebSocket perform(
            Channel channel,
            RequestGate gate,
            HttpExchange exchange,
            WebSocketOffer.Agreed agreed,
            Map<String, String> headers)
            throws ClientGoneException {
        var pipeline = channel.pipeline();
        pipeline.remove(FlowControlHandler.class);
        if (!gate.release(exchange)) {
            throw new ClientGoneException();
        }
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
        response.headers()
                .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
                .set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept(agreed.key()))
                .set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, agreed.protocol());
        headers.forEach(response.headers()::set);
        channel.writeAndFlush(response, channel.voidPromise());
        pipeline.remove(gate);
        var socket = NettyWebSocket.into(pipeline, exchange.client);
        pipeline.remove(HttpResponseEncoder.class);
        pipeline.remove(StrictRequestDecoder.class);
        socket.begin();
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
