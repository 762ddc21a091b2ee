package io.agenttier.cli.fake;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;

/** Writes an answer of the fake server, whole or in the broken ways that real ones have. */
public final class Reply {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final InputStream in;
    private final OutputStream out;

    Reply(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    public void json(int status, String body) throws IOException {
        whole(status, "Content-Type: application/json", body.getBytes(StandardCharsets.UTF_8));
    }

    public void status(int code, String reason, String message) throws IOException {
        json(code, """
                {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"%s","message":"%s","code":%d}""".formatted(reason, message, code));
    }

    public void plain(int status, String body) throws IOException {
        whole(status, "Content-Type: text/plain", body.getBytes(StandardCharsets.UTF_8));
    }

    /** @param headers lines, separated by CRLF */
    public void whole(int status, String headers, byte[] body) throws IOException {
        raw("HTTP/1.1 %d Because\r\n%s\r\nContent-Length: %d\r\n\r\n".formatted(status, headers, body.length));
        out.write(body);
        out.flush();
    }

    /** Announces the body, and writes only its beginning. */
    public void cutAfter(int bytes, int status, String headers, byte[] body) throws IOException {
        raw("HTTP/1.1 %d Because\r\n%s\r\nContent-Length: %d\r\n\r\n".formatted(status, headers, body.length));
        out.write(body, 0, Math.min(bytes, body.length));
        out.flush();
    }

    /** Begins an event stream. */
    public void events() throws IOException {
        raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    /** One chunk of a stream. */
    public void chunk(byte[] bytes) throws IOException {
        if (bytes.length == 0) {
            return;
        }
        raw("%x\r\n".formatted(bytes.length));
        out.write(bytes);
        raw("\r\n");
    }

    public void chunk(String text) throws IOException {
        chunk(text.getBytes(StandardCharsets.UTF_8));
    }

    public void end() throws IOException {
        raw("0\r\n\r\n");
    }

    /** Answers 101 with these headers besides. */
    private FakeSocket upgrade(Call call, Map<String, String> headers) throws Exception {
        var hash = MessageDigest.getInstance("SHA-1")
                .digest((call.header("sec-websocket-key") + GUID).getBytes(StandardCharsets.US_ASCII));
        var head =
                new StringBuilder("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
        head.append("Sec-WebSocket-Accept: ")
                .append(Base64.getEncoder().encodeToString(hash))
                .append("\r\n");
        head.append("Sec-WebSocket-Protocol: ")
                .append(call.header("sec-websocket-protocol"))
                .append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        raw(head.append("\r\n").toString());
        return new FakeSocket(in, out);
    }

    /**
     * Joins the caller to a process.
     *
     * @param first offset of the first byte of output that is kept
     * @param stdin bytes of standard input accepted so far
     */
    public FakeSocket joined(Call call, long first, long stdin) throws Exception {
        return upgrade(
                call,
                Map.of(
                        "AgentTier-First-Offset",
                        String.valueOf(first),
                        "AgentTier-Stdin-Offset",
                        String.valueOf(stdin)));
    }

    /** Joins the caller to a port. */
    public FakeSocket forwarded(Call call) throws Exception {
        return upgrade(call, Map.of());
    }

    /** Says nothing until the client has gone. */
    public void silence() throws IOException {
        in.transferTo(OutputStream.nullOutputStream());
    }

    public void raw(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }
}
