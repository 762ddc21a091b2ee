package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.ProcessInfo;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code processes}: GET lists what runs and what ran, with exit records; DELETE signals or cancels one. */
final class ProcessesResource implements Subresource {
    private static final String SIGNAL = "(?:SIG)?[A-Z][A-Z0-9+-]{0,15}|[1-9]|[1-5][0-9]|6[0-4]";
    private static final byte[] NO_BODY = {};

    private final SandboxAccess access;
    private final SandboxdClient client;

    ProcessesResource(SandboxAccess access, SandboxdClient client) {
        this.access = access;
        this.client = client;
    }

    @Override
    public String name() {
        return "processes";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET", "DELETE");
    }

    @Override
    public String kind() {
        return "SandboxProcessList";
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        if (call.method().equals("DELETE")) {
            signal(call, exchange);
        } else {
            list(call, exchange);
        }
    }

    private void list(Call call, Exchange exchange) throws IOException {
        var caller = Caller.of(call.user().name());
        var processes = access.ask(
                call,
                Use.of("processes"),
                new Subject("processes", ""),
                endpoint -> client.processes(endpoint, caller));
        var document = Documents.of(kind());
        document.put("items", processes.stream().map(ProcessesResource::item).toList());
        exchange.answer(Documents.answer(call, 200, document));
    }

    private void signal(Call call, Exchange exchange) throws IOException {
        var handle = Parameters.process(call);
        var signal = Parameters.matching(
                call, "signal", SIGNAL, "a signal such as TERM, SIGINT or 9, or none to cancel the process");
        var caller = Caller.of(call.user().name());
        exchange.note(Note.PROCESS, handle.text());
        exchange.note(Note.SIGNAL, signal.orElse("cancel"));
        var _ = access.ask(call, Use.of("processes", handle), new Subject("processes", handle.text()), endpoint -> {
            client.signal(endpoint, caller, handle.text(), signal.orElse(null));
            return true;
        });
        exchange.answer(new Answer(204, Map.of(), NO_BODY));
    }

    private static Map<String, @Nullable Object> item(ProcessInfo process) {
        var item = new LinkedHashMap<String, @Nullable Object>();
        item.put("id", process.id());
        item.put("class", process.type().text());
        item.put("name", process.name());
        item.put("startedAt", process.startedAt());
        item.put("running", process.running());
        if (process.exit() != null) {
            var exit = new LinkedHashMap<String, @Nullable Object>();
            Outcome.of(process.exit()).addTo(exit);
            exit.put("endedAt", process.exit().endedAt());
            item.put("exit", exit);
        }
        item.put("bytesStdout", process.bytesStdout());
        item.put("bytesStderr", process.bytesStderr());
        item.put("offset", process.offset());
        item.put("dropped", process.dropped());
        item.put("viewers", process.viewers());
        item.put("bytesStdin", process.bytesStdin());
        item.put("stdinOpen", process.stdinOpen());
        item.put("tty", process.tty());
        if (!process.session().isEmpty()) {
            item.put("session", process.session());
        }
        return item;
    }
}
