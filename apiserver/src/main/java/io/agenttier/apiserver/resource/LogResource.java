package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.route.Accept;
import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.StreamingAnswer;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.ExitRecord;
import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.LogRequest;
import io.agenttier.apiserver.sandboxd.ProcessClass;
import io.agenttier.apiserver.sandboxd.Stream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** GET {@code log}: output of any process, ended ones included, from any offset on; raw bytes or events. */
final class LogResource implements Subresource {
    private static final String RAW = "application/octet-stream";
    private static final Map<String, String> HEADERS =
            Map.of("Content-Type", RAW, "Cache-Control", "no-cache", "X-Content-Type-Options", "nosniff");

    private final LiveOutput.Source source;
    private final ProcessRights rights;
    private final InstallLog installs;

    LogResource(LiveOutput.Source source, ProcessRights rights, InstallLog installs) {
        this.source = source;
        this.rights = rights;
        this.installs = installs;
    }

    @Override
    public String name() {
        return "log";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET");
    }

    @Override
    public String kind() {
        return "SandboxLog";
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        if (call.parameter("source").isPresent()) {
            serveInstall(call, exchange);
        } else {
            serve(call, exchange, Parameters.process(call));
        }
    }

    private void serveInstall(Call call, Exchange exchange) throws IOException {
        if (!call.parameter("source").equals(Optional.of("install"))) {
            throw Parameters.wrong(call, "source", "install");
        }
        if (call.parameter("process").isPresent()) {
            throw Parameters.bad("parameters source and process are both set: choose one");
        }
        var process = installs.process(call, rights.caller(call));
        if (process.isPresent()) {
            serve(call, exchange, process.get());
            return;
        }
        var kept = installs.kept(call).getBytes(StandardCharsets.UTF_8);
        exchange.answer(new Answer(200, HEADERS, kept));
    }

    private void serve(Call call, Exchange exchange, ProcessRef handle) throws IOException {
        var log = new LogRequest(handle.text(), stream(call), offset(call), Parameters.flag(call, "follow"));
        boolean asEvents = wantsEvents(call);
        try (var output = open(call, exchange, handle, log, rights.caller(call))) {
            rights.check(call, output.process().type());
            if (asEvents) {
                EventPump.run(exchange, output);
            } else {
                raw(exchange, output);
            }
        }
    }

    private LiveOutput open(Call call, Exchange exchange, ProcessRef handle, LogRequest log, Caller caller)
            throws IOException {
        var output = source.access()
                .ask(call, Use.of("log", handle), new Subject("processes", handle.text()), endpoint -> {
                    var frames = source.client().log(endpoint, caller, log);
                    return LiveOutput.start(
                            source, call, caller, new LiveOutput.Opened(endpoint, frames, log.stream(), log.follow()));
                });
        exchange.onClientGone(output::abort);
        return output;
    }

    /** A gap at the beginning shows in the header; one later, and an end that is none, cut the answer. */
    private static void raw(Exchange exchange, LiveOutput output) throws IOException {
        var notes = new ProcessNotes(exchange, output.process());
        var headers = new HashMap<>(HEADERS);
        headers.put("AgentTier-First-Offset", Long.toString(output.firstOffset()));
        var answer = exchange.stream(200, headers);
        try {
            if (copy(output, answer, notes)) {
                answer.end();
            } else {
                answer.abort();
            }
        } catch (IOException | RuntimeException e) {
            answer.abort();
            throw e;
        } finally {
            notes.write();
        }
    }

    /** @return whether the client has all there was; of an archive, whether that is whole */
    private static boolean copy(LiveOutput output, StreamingAnswer answer, ProcessNotes notes) throws IOException {
        boolean begun = false;
        boolean isArchive =
                output.process().type() == ProcessClass.ARCHIVE && output.view().equals(Optional.of(Stream.STDOUT));
        for (var frame = output.next(); frame.isPresent(); frame = output.next()) {
            switch (frame.get()) {
                case Frame.Output bytes -> {
                    begun = true;
                    notes.add(bytes);
                    answer.write(bytes.bytes(), 0, bytes.bytes().length);
                }
                case Frame.Gap _ -> {
                    if (begun || isArchive) {
                        return false;
                    }
                }
                case Frame.Exited exited -> {
                    notes.ended(exited.exit());
                    return isArchive
                            ? ArchiveResource.isWhole(exited.exit())
                            : !(exited.exit().outcome() instanceof ExitRecord.Lost);
                }
                case Frame.KeepAlive _, Frame.Started _, Frame.StdinTaken _, Frame.Notice _ -> {}
            }
        }
        return true;
    }

    private static boolean wantsEvents(Call call) {
        var accept = call.headers().getOrDefault("accept", List.of());
        return Accept.choose(accept, List.of(RAW, EventText.MEDIA_TYPE))
                .orElseThrow(() -> new ApiException(new ApiError.NotAcceptable(
                        "only the following media types are accepted: %s, %s".formatted(RAW, EventText.MEDIA_TYPE))))
                .equals(EventText.MEDIA_TYPE);
    }

    private static Optional<Stream> stream(Call call) {
        var text = call.parameter("stream");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Stream.parse(text.get())
                .orElseThrow(() -> Parameters.wrong(call, "stream", "stdout or stderr, or none for both in order")));
    }

    /** A client that comes back sends the last event's id and the URL of its first call: the header is the newer one. */
    private static long offset(Call call) {
        var last = call.header("last-event-id");
        if (last.isPresent()) {
            return Parameters.number(last.get())
                    .orElseThrow(() -> Parameters.bad("header Last-Event-ID is \"%s\", expected an offset"
                            .formatted(Parameters.printable(last.get()))));
        }
        return Parameters.count(call, "offset").orElse(0);
    }
}
