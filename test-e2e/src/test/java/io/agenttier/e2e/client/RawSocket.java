package io.agenttier.e2e.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** One WebSocket with channels, seen frame by frame. */
public final class RawSocket extends WebSocketListener {
    private static final int SECONDS = 60;

    private final Map<Integer, ByteArrayOutputStream> channels = new HashMap<>();
    private final CompletableFuture<Response> opened = new CompletableFuture<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private volatile String closeReason = "";
    private volatile String refusal = "";

    @Override
    public void onOpen(WebSocket socket, Response response) {
        opened.complete(response);
    }

    @Override
    public synchronized void onMessage(WebSocket socket, ByteString bytes) {
        channels.computeIfAbsent((int) bytes.getByte(0), _ -> new ByteArrayOutputStream())
                .writeBytes(bytes.substring(1).toByteArray());
    }

    @Override
    public void onClosing(WebSocket socket, int code, String reason) {
        closeReason = reason;
        closed.complete(code);
        socket.close(1000, null);
    }

    @Override
    public void onFailure(WebSocket socket, Throwable failure, @Nullable Response response) {
        if (response != null) {
            refusal = text(response);
            opened.complete(response);
        }
        opened.completeExceptionally(failure);
        closed.completeExceptionally(failure);
    }

    /** OkHttp closes the answer once this has returned. */
    private static String text(Response refused) {
        try {
            return refused.peekBody(1 << 20).string();
        } catch (IOException e) {
            return "";
        }
    }

    /** Body of an answer that was not 101. */
    public String refusal() {
        return refusal;
    }

    /** The answer to the handshake, 101 or another. */
    public Response answer() throws Exception {
        return opened.get(SECONDS, TimeUnit.SECONDS);
    }

    public int closeCode() throws Exception {
        return closed.get(SECONDS, TimeUnit.SECONDS);
    }

    public String closeReason() {
        return closeReason;
    }

    /** What has come on a channel so far. */
    public synchronized String text(int channel) {
        var bytes = channels.get(channel);
        return bytes == null ? "" : bytes.toString(StandardCharsets.UTF_8);
    }

    /** A message on a channel. */
    public static ByteString message(int channel, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var message = new byte[bytes.length + 1];
        message[0] = (byte) channel;
        System.arraycopy(bytes, 0, message, 1, bytes.length);
        return ByteString.of(message);
    }
}
