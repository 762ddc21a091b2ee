package io.agenttier.cli.transport;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Sends one request over a fresh connection and reads the head of the answer. */
final class Wire {
    /** Bytes of a head and of a body that is small. */
    private static final int FIRST = 80 * 1024;

    private Wire() {}

    /** @throws CutException if there is no answer, although the request may have arrived */
    static Response exchange(Socket socket, ServerAddress server, Request request, List<Header> identity)
            throws IOException {
        try {
            socket.setSoTimeout(millis(request.headWithin().toMillis()));
            try {
                send(socket, head(server, request, identity), request);
            } catch (SourceException e) {
                throw e;
            } catch (IOException e) {
                // a server that refuses a body answers before it has read it, and then closes: its answer says more
                // than our failure
                return answer(socket, request, e);
            }
            return answer(socket, request, null);
        } catch (SocketTimeoutException e) {
            socket.close();
            throw new CutException(
                    "the server gave no answer within %d s"
                            .formatted(request.headWithin().toSeconds()),
                    e);
        } catch (EOFException e) {
            socket.close();
            throw new CutException("the connection ended without an answer", e);
        } catch (SocketException | SSLException e) {
            socket.close();
            throw new CutException("the connection was lost: " + e.getMessage(), e);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static Response answer(Socket socket, Request request, @Nullable IOException before) throws IOException {
        try {
            var in = new WireInput(socket.getInputStream());
            var head = ResponseHead.read(in);
            socket.setSoTimeout(millis(request.silence().toMillis()));
            return new Response(head, BodyInput.of(in, head, request.method()), socket);
        } catch (IOException e) {
            throw before == null ? e : before;
        }
    }

    private static String head(ServerAddress server, Request request, List<Header> identity) {
        var head = new StringBuilder(512);
        head.append(request.method()).append(' ').append(server.basePath()).append(request.path());
        head.append(" HTTP/1.1\r\nHost: ").append(server.authority());
        head.append("\r\nUser-Agent: kubectl-sandbox\r\n");
        line(head, new Header("Connection", request.isUpgrade() ? "Upgrade" : "close"));
        for (var header : request.headers()) {
            line(head, header);
        }
        for (var header : identity) {
            line(head, header);
        }
        if (request.hasBody()) {
            line(
                    head,
                    new Header("Content-Length", String.valueOf(request.body().length())));
        }
        return head.append("\r\n").toString();
    }

    private static void line(StringBuilder head, Header header) {
        head.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }

    /** Head and a small body leave in one write. */
    private static void send(Socket socket, String head, Request request) throws IOException {
        var out = new BufferedOutputStream(socket.getOutputStream(), FIRST);
        out.write(head.getBytes(StandardCharsets.UTF_8));
        request.body().writeTo(out);
        out.flush();
    }

    private static int millis(long millis) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(1, millis));
    }
}
