package io.agenttier.apiserver.sandboxd;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A daemon that says byte by byte what a test wants, right or wrong, over real TLS. */
public final class FakeSandboxd implements AutoCloseable {
    /** One request as it came. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Asked(String line, Map<String, String> fields, byte[] body) {
        public String method() {
            return line.substring(0, line.indexOf(' '));
        }

        public String target() {
            return line.split(" ", -1)[1];
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /** One frame of a client's. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Heard(char type, byte[] payload) {
        public long offset() {
            return ByteBuffer.wrap(payload).getLong();
        }

        /** What follows the offset. */
        public byte[] bytes() {
            return Arrays.copyOfRange(payload, 8, payload.length);
        }

        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    /** Serves one request on its connection. */
    public interface Script {
        void serve(Asked asked, Conversation conversation) throws IOException;
    }

    public static final String INCARNATION = "0a1b2c3d";
    public static final String PROCESS = "exec-0a1b2c3d0123456789abcdef";

    private final SSLServerSocket listener;
    private final BlockingQueue<Script> scripts = new LinkedBlockingQueue<>();
    private final List<SSLSocket> sockets = new CopyOnWriteArrayList<>();
    public final List<Asked> asked = new CopyOnWriteArrayList<>();
    public final AtomicInteger connections = new AtomicInteger();

    public FakeSandboxd(PodAuthority authority) {
        this(authority, INCARNATION);
    }

    public FakeSandboxd(PodAuthority authority, String certificateOf) {
        try {
            var factory = authority.serving(authority.pod(certificateOf)).getServerSocketFactory();
            listener = (SSLServerSocket) factory.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public Endpoint endpoint() {
        return new Endpoint("127.0.0.1", listener.getLocalPort(), INCARNATION);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** What to do with the next request that has no script yet. */
    public FakeSandboxd next(Script script) {
        scripts.add(script);
        return this;
    }

    /** Closes every connection, as an idle server does. */
    public void dropConnections() throws IOException {
        for (var socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        dropConnections();
    }

    private void accept() {
        try {
            while (true) {
                var socket = (SSLSocket) listener.accept();
                sockets.add(socket);
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> converse(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void converse(SSLSocket socket) {
        try (socket) {
            var conversation = new Conversation(socket);
            while (true) {
                var request = conversation.read();
                asked.add(request);
                var script = scripts.poll(10, TimeUnit.SECONDS);
                if (script == null) {
                    throw new IOException("a request without a script: " + request.line());
                }
                script.serve(request, conversation);
                if (conversation.closed) {
                    return;
                }
            }
        } catch (IOException | InterruptedException e) {
            // the test sees what its client sees
        }
    }

    /** The connection of one client. */
    public static final class Conversation {
        private final SSLSocket socket;
        private final WireInput in;
        private boolean closed;
        private boolean switched;

        Conversation(SSLSocket socket) throws IOException {
            this.socket = socket;
            this.in = new WireInput(socket.getInputStream());
        }

        Asked read() throws IOException {
            var line = in.line(8192);
            var fields = new HashMap<String, String>();
            for (var field = in.line(65536); !field.isEmpty(); field = in.line(65536)) {
                int colon = field.indexOf(':');
                fields.put(
                        field.substring(0, colon).toLowerCase(Locale.ROOT),
                        field.substring(colon + 1).strip());
            }
            var body = new byte[0];
            if (!fields.containsKey("expect")) {
                body = body(fields);
            }
            return new Asked(line, Map.copyOf(fields), body);
        }

        /** The body of a request, to be called after 100 Continue. */
        public byte[] body(Map<String, String> fields) throws IOException {
            if (fields.getOrDefault("transfer-encoding", "").equals("chunked")) {
                return new ChunkedBody(in).readAllBytes();
            }
            return new LengthBody(in, Long.parseLong(fields.getOrDefault("content-length", "0"))).readAllBytes();
        }

        public Conversation raw(String text) throws IOException {
            return raw(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        public Conversation raw(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            return this;
        }

        public Conversation json(int status, String body) throws IOException {
            return raw("HTTP/1.1 %d X\r\nAgentTier-Protocol: 1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                            .formatted(status, body.getBytes(StandardCharsets.UTF_8).length, ""))
                    .raw(body.getBytes(StandardCharsets.UTF_8));
        }

        /** Head of a stream of frames, then {@code start}. */
        public Conversation frames() throws IOException {
            raw(
                    "HTTP/1.1 200 OK\r\nAgentTier-Protocol: 1\r\nAgentTier-First-Offset: 0\r\nTransfer-Encoding: chunked\r\n\r\n");
            return event("{\"event\":\"start\",\"process\":%s}".formatted(process("exec")));
        }

        /** 101, then {@code start} of a process with or without a terminal; frames are bare from here on. */
        public Conversation switched(long stdinOffset, boolean tty) throws IOException {
            return switched(0, stdinOffset, tty);
        }

        /** @param offset of the first byte of output that follows */
        public Conversation switched(long offset, long stdinOffset, boolean tty) throws IOException {
            return switched(
                    offset,
                    stdinOffset,
                    process("exec").replace("\"viewers\"", "\"tty\":%b,\"viewers\"".formatted(tty)));
        }

        /** 101 and the first frame for the shell of a session. */
        public Conversation terminal(String session) throws IOException {
            return switched(
                    0,
                    0,
                    process("term")
                            .replace("\"viewers\"", "\"tty\":true,\"session\":\"%s\",\"viewers\"".formatted(session)));
        }

        private Conversation switched(long offset, long stdinOffset, String process) throws IOException {
            raw(
                    "HTTP/1.1 101 Switching Protocols\r\nAgentTier-Protocol: 1\r\nConnection: Upgrade\r\nUpgrade: agenttier-frames\r\n"
                            + "AgentTier-Offset: %d\r\nAgentTier-Stdin-Offset: %d\r\n\r\n"
                                    .formatted(offset, stdinOffset));
            switched = true;
            return event("{\"event\":\"start\",\"process\":%s}".formatted(process));
        }

        /** 101 for a tunnel; frames are bare from here on. */
        public Conversation tunnel() throws IOException {
            return raw("HTTP/1.1 101 X\r\nAgentTier-Protocol: 1\r\nUpgrade: agenttier-tunnel\r\n\r\n");
        }

        /** A frame of a tunnel. */
        public Conversation says(char type, String payload) throws IOException {
            return raw(frame(type, payload.getBytes(StandardCharsets.UTF_8)));
        }

        /** The next frame of the client's. */
        public Heard hear() throws IOException {
            var data = new DataInputStream(new RestOfConnection(in));
            char type = (char) data.readUnsignedByte();
            var payload = new byte[data.readInt()];
            data.readFully(payload);
            return new Heard(type, payload);
        }

        /** All of stdin up to its end. */
        public byte[] hearStdin() throws IOException {
            var stdin = new ByteArrayOutputStream();
            while (true) {
                var heard = hear();
                if (heard.type() == 'c') {
                    if (heard.offset() != stdin.size()) {
                        throw new IOException("stdin ends at " + heard.offset() + " after " + stdin.size());
                    }
                    return stdin.toByteArray();
                }
                if (heard.type() == 'i') {
                    if (heard.offset() != stdin.size()) {
                        throw new IOException("stdin goes on at " + heard.offset() + " after " + stdin.size());
                    }
                    stdin.writeBytes(heard.bytes());
                }
            }
        }

        public Conversation event(String json) throws IOException {
            return chunk(frame('j', json.getBytes(StandardCharsets.UTF_8)));
        }

        public Conversation output(char type, long offset, byte[] bytes) throws IOException {
            var payload = new ByteArrayOutputStream();
            new DataOutputStream(payload).writeLong(offset);
            payload.writeBytes(bytes);
            return chunk(frame(type, payload.toByteArray()));
        }

        public Conversation output(char type, long offset, String text) throws IOException {
            return output(type, offset, text.getBytes(StandardCharsets.UTF_8));
        }

        public Conversation exit(long offset, String record) throws IOException {
            return event("{\"event\":\"exit\",\"exit\":%s,\"offset\":%d}".formatted(record, offset))
                    .chunk(new byte[0]);
        }

        public Conversation exited(long offset, int code) throws IOException {
            return exit(offset, EXITED.formatted(code));
        }

        public Conversation chunk(byte[] bytes) throws IOException {
            if (switched) {
                return raw(bytes);
            }
            raw(Integer.toHexString(bytes.length) + "\r\n");
            return raw(bytes).raw("\r\n");
        }

        /** Cuts the connection here. */
        public void cut() throws IOException {
            closed = true;
            socket.close();
        }

        /** Waits until the client has cut the connection. */
        public void awaitCut() {
            try {
                while (in.read() >= 0) {
                    // anything it still says
                }
            } catch (SocketException e) {
                closed = true;
            } catch (IOException e) {
                closed = true;
            }
            closed = true;
        }
    }

    public static final String EXITED =
            "{\"outcome\":\"exited\",\"code\":%d,\"endedAt\":\"2026-01-01T00:00:01Z\",\"durationMs\":7}";

    public static String process(String processClass) {
        return """
            {"id":"%s","class":"%s","name":"make","startedAt":"2026-01-01T00:00:00.000Z","startedAtMs":1767225600000,"running":true,\
            "exit":null,"bytesStdout":0,"bytesStderr":0,"offset":0,"dropped":0,"viewers":1,"startedBy":"alice"}""".formatted(PROCESS, processClass);
    }

    public static byte[] frame(char type, byte[] payload) {
        var bytes = new ByteArrayOutputStream();
        try {
            var out = new DataOutputStream(bytes);
            out.writeByte(type);
            out.writeInt(payload.length);
            out.write(payload);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
