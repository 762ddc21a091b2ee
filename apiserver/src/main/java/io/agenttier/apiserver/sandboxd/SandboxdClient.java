package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's endpoints ({@code docs/sandboxd-protocol.md} §4). Every method blocks and throws {@link UnreachableException},
 * {@link BusyException}, {@link MisbehavedException} or {@link RefusedException}.
 */
public final class SandboxdClient implements AutoCloseable {
    private static final String PROTOCOL = "1";
    private static final int DOCUMENT_BYTES = 4 << 20;
    private static final int ERROR_BYTES = 64 * 1024;
    private static final int MESSAGE_CHARS = 1024;
    private static final int PATH_CHARS = 4096;
    private static final int PROCESSES = 2_000;
    private static final byte[] NO_BODY = {};

    private final ConnectionPool pool;
    private final RequestSender sender;
    private final ScheduledExecutorService sweeper;

    public SandboxdClient(SignerSource signers, InstantSource clock, PodBound bound) {
        long origin = System.nanoTime();
        this.pool = new ConnectionPool(bound, () -> System.nanoTime() - origin);
        this.sender = new RequestSender(signers, new Tokens(clock), pool);
        this.sweeper = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("sandboxd-connections").factory());
        var _ = sweeper.scheduleWithFixedDelay(pool::sweep, 1, 1, TimeUnit.SECONDS);
    }

    /** Starts a process and follows its output from the first byte: one round trip. */
    public FrameStream startAndWatch(Endpoint endpoint, Caller caller, StartRequest start) throws IOException {
        var request = json("POST", "/v1/processes?watch=true", Operation.EXEC);
        return new FrameStream(accepted(sender.send(endpoint, caller, request, start.json())), 0);
    }

    /** Starts a process and attaches to it from the first byte: one round trip. It holds stdin if that is open. */
    public Attachment startAttached(Endpoint endpoint, Caller caller, StartRequest start) throws IOException {
        var request = switching(json("POST", "/v1/processes?attach=true", Operation.EXEC), Attachment.PROTOCOL);
        return attachment(sender.send(endpoint, caller, request, start.json()), 0);
    }

    /** As {@link #startAndWatch(Endpoint, Caller, StartRequest)}; refused with a {@link RefusedException.Cap} when too many run. */
    public FrameStream startAndWatch(Endpoint endpoint, Caller caller, InvokeStart start) throws IOException {
        var request = json("POST", "/v1/processes?watch=true", Operation.EXEC);
        return new FrameStream(accepted(sender.send(endpoint, caller, request, start.json())), 0);
    }

    /** As {@link #startAttached(Endpoint, Caller, StartRequest)}; refused with a {@link RefusedException.Cap} when too many run. */
    public Attachment startAttached(Endpoint endpoint, Caller caller, InvokeStart start) throws IOException {
        var request = switching(json("POST", "/v1/processes?attach=true", Operation.EXEC), Attachment.PROTOCOL);
        return attachment(sender.send(endpoint, caller, request, start.json()), 0);
    }

    /** Writes the files of an agent and follows its installation; empty if nothing is installed, the files then are written. */
    public Optional<FrameStream> configure(Endpoint endpoint, Caller caller, ConfigureUpload upload)
            throws IOException {
        var request = Request.of("POST", "/v1/configure", Operation.CONFIGURE);
        var length = OptionalLong.of(upload.length());
        var response = accepted(sendContent(endpoint, caller, request, upload.body(), length));
        if (!upload.argv().isEmpty()) {
            return Optional.of(new FrameStream(response, 0));
        }
        dropped(response);
        return Optional.empty();
    }

    /** Tells that a configuration has been recorded: who knows only an earlier one starts no invocation from here on. */
    public void configured(Endpoint endpoint, Caller caller, long configuration) throws IOException {
        var target = "/v1/configured?configuration=" + configuration;
        dropped(sender.send(endpoint, caller, Request.of("POST", target, Operation.CONFIGURE), NO_BODY));
    }

    /** Attaches to a process, running or ended. */
    public Attachment attach(Endpoint endpoint, Caller caller, AttachRequest attach) throws IOException {
        var request = switching(Request.of("POST", attach.target(), Operation.ATTACH), Attachment.PROTOCOL);
        return attachment(sender.send(endpoint, caller, request, NO_BODY), attach.offset());
    }

    /** Attaches to a named terminal, which is started if there is none; {@link FrameStream#position} says at which byte it begins. */
    public Attachment terminal(Endpoint endpoint, Caller caller, TerminalRequest terminal) throws IOException {
        var request = switching(Request.of("POST", terminal.target(), Operation.ATTACH), Attachment.PROTOCOL);
        var answer = sender.send(endpoint, caller, request, NO_BODY);
        return attachment(answer, Attachment.offset(answer));
    }

    /** Connects to a port of the sandbox. */
    public Tunnel tunnel(Endpoint endpoint, Caller caller, int port) throws IOException {
        var request = switching(Request.of("GET", "/v1/ports?port=" + port, Operation.PORTS), Tunnel.PROTOCOL);
        return new Tunnel(switched(sender.send(endpoint, caller, request, NO_BODY)));
    }

    /** Starts a process and leaves it. */
    public ProcessInfo start(Endpoint endpoint, Caller caller, StartRequest start) throws IOException {
        var request = json("POST", "/v1/processes", Operation.EXEC);
        return ProcessInfo.from(document(sender.send(endpoint, caller, request, start.json())));
    }

    /** One process that is kept; refused with 404 or 410 for any other. */
    public ProcessInfo process(Endpoint endpoint, Caller caller, String id) throws IOException {
        var request = Request.of("GET", "/v1/processes/" + Request.encode(id), Operation.PROCESSES);
        return ProcessInfo.from(document(sender.send(endpoint, caller, request, NO_BODY)));
    }

    /** Every process that is kept, oldest first. */
    public List<ProcessInfo> processes(Endpoint endpoint, Caller caller) throws IOException {
        var answer = document(
                sender.send(endpoint, caller, Request.of("GET", "/v1/processes", Operation.PROCESSES), NO_BODY));
        var items = answer.list("items");
        if (items.size() > PROCESSES) {
            throw new MisbehavedException("the answer lists more than %d processes".formatted(PROCESSES));
        }
        var processes = new ArrayList<ProcessInfo>(items.size());
        for (@Nullable Object item : items) {
            if (!(item instanceof Map<?, ?> map)) {
                throw new MisbehavedException("the list of processes holds something else");
            }
            processes.add(ProcessInfo.from(new Fields(map)));
        }
        return processes;
    }

    public FrameStream log(Endpoint endpoint, Caller caller, LogRequest log) throws IOException {
        var request = Request.of("GET", log.target(), Operation.LOG);
        return new FrameStream(accepted(sender.send(endpoint, caller, request, NO_BODY)), log.offset());
    }

    /**
     * Signals a process, or cancels it.
     *
     * @param signal name with or without {@code SIG}, or number; null cancels
     */
    public void signal(Endpoint endpoint, Caller caller, String process, @Nullable String signal) throws IOException {
        var target = "/v1/processes/" + Request.encode(process)
                + (signal == null ? "" : "?signal=" + Request.encode(signal));
        dropped(sender.send(endpoint, caller, Request.of("DELETE", target, Operation.SIGNAL), NO_BODY));
    }

    /** Starts the process that makes an archive of a folder, and follows its bytes from the first: one round trip. */
    public FrameStream archive(Endpoint endpoint, Caller caller, String path, String format) throws IOException {
        var target = "/v1/archive?path=" + Request.encode(path) + "&format=" + Request.encode(format);
        var request = Request.of("POST", target, Operation.ARCHIVE_READ);
        return new FrameStream(accepted(sender.send(endpoint, caller, request, NO_BODY)), 0);
    }

    /**
     * Sends an archive, or a part of one, to be extracted.
     *
     * @param length of {@code body}, empty if not known
     * @throws IOException also what reading {@code body} throws
     */
    public Extraction extract(
            Endpoint endpoint, Caller caller, ArchiveUpload upload, InputStream body, OptionalLong length)
            throws IOException {
        var response = sendContent(endpoint, caller, upload.request(), body, length);
        boolean done = response.status() == 200;
        var answer = document(response);
        return done
                ? new Extraction.Done(answer.exact("path", PATH_CHARS), answer.count("files"), answer.count("bytes"))
                : new Extraction.Awaited(answer.count("offset"));
    }

    public Download readFile(Endpoint endpoint, Caller caller, FileRead file) throws IOException {
        return new Download(accepted(sender.send(endpoint, caller, file.request(), NO_BODY)));
    }

    /**
     * Writes a file.
     *
     * @param length of {@code body}, empty if not known
     * @throws IOException also what reading {@code body} throws; then the daemon drops what it has
     */
    public Written writeFile(Endpoint endpoint, Caller caller, FileWrite file, InputStream body, OptionalLong length)
            throws IOException {
        var response = sendContent(endpoint, caller, file.request(), body, length);
        boolean created = response.status() == 201;
        var answer = document(response);
        return new Written(created, answer.exact("path", PATH_CHARS), answer.count("bytes"));
    }

    private Response sendContent(
            Endpoint endpoint, Caller caller, Request request, InputStream body, OptionalLong length)
            throws IOException {
        var typed = request.with("Content-Type", "application/octet-stream");
        boolean empty = length.isPresent() && length.getAsLong() == 0;
        return empty
                ? sender.send(endpoint, caller, typed, NO_BODY)
                : sender.upload(endpoint, caller, typed, body, length);
    }

    /** Makes or moves a file or folder. Returns its path afterwards, absolute. */
    public String changeFile(Endpoint endpoint, Caller caller, FileChange change) throws IOException {
        return document(sender.send(endpoint, caller, change.request(), NO_BODY))
                .exact("path", PATH_CHARS);
    }

    public void removeFile(Endpoint endpoint, Caller caller, FileChange.Remove remove) throws IOException {
        dropped(sender.send(endpoint, caller, remove.request(), NO_BODY));
    }

    /** Cuts all connections. */
    @Override
    public void close() {
        sweeper.shutdownNow();
        pool.close();
    }

    private static Request json(String method, String target, Operation operation) {
        return Request.of(method, target, operation).with("Content-Type", "application/json");
    }

    private static Fields document(Response answer) throws IOException {
        try (var response = accepted(answer)) {
            return Fields.parse(response.readAll(DOCUMENT_BYTES));
        }
    }

    /** An answer that says no more than that it is done. */
    private static void dropped(Response answer) throws IOException {
        try (var response = accepted(answer)) {
            var _ = response.readAll(ERROR_BYTES);
        }
    }

    private static Request switching(Request request, String protocol) {
        return request.with("Connection", "Upgrade").with("Upgrade", protocol);
    }

    private static Response switched(Response answer) throws IOException {
        var response = accepted(answer);
        if (!response.isSwitch()) {
            response.close();
            throw new MisbehavedException("the answer to an upgrade has status %d".formatted(response.status()));
        }
        return response;
    }

    private static Attachment attachment(Response answer, long offset) throws IOException {
        var response = switched(answer);
        try {
            return new Attachment(response, offset);
        } catch (IOException | RuntimeException e) {
            response.close();
            throw e;
        }
    }

    /** The answer if it is none of an error. */
    private static Response accepted(Response response) throws IOException {
        var protocol = response.field("agenttier-protocol");
        if (!protocol.equals(Optional.of(PROTOCOL))) {
            response.close();
            throw new MisbehavedException("the answer bears no header AgentTier-Protocol: " + PROTOCOL);
        }
        if (response.status() < 300 || response.status() == 304) {
            return response;
        }
        try (response) {
            var message = Fields.parse(response.readAll(ERROR_BYTES)).text("message", MESSAGE_CHARS);
            throw new RefusedException(response.status(), message, cap(response), isOutdated(response));
        }
    }

    private static Optional<RefusedException.Cap> cap(Response response) {
        var limit = response.field("agenttier-limit").filter(SandboxdClient::isCount);
        var inflight = response.field("agenttier-inflight").filter(SandboxdClient::isCount);
        return limit.isPresent() && inflight.isPresent()
                ? Optional.of(new RefusedException.Cap(Long.parseLong(limit.get()), Long.parseLong(inflight.get())))
                : Optional.empty();
    }

    private static boolean isOutdated(Response response) {
        return response.field("agenttier-configured").isPresent();
    }

    private static boolean isCount(String text) {
        return text.matches("[0-9]{1,9}");
    }
}
