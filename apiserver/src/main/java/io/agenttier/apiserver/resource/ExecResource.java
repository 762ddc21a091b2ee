package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.resource.RemoteSession.Joined;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.RequestDocument;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.route.WebSocketOffer;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.StartRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * {@code exec} runs a command. POST: its outcome as one JSON document, as events while it runs, or only its id. GET as WebSocket: live, both
 * ways.
 */
final class ExecResource implements Subresource {
    private final LiveOutput.Source source;
    private final ResourceLimits limits;
    private final MemoryBudget budget;

    /**
     * A process that runs.
     *
     * @param limit its time limit, zero for none
     */
    private record Begun(LiveOutput output, Duration limit) {}

    ExecResource(LiveOutput.Source source, ResourceLimits limits, MemoryBudget budget) {
        this.source = source;
        this.limits = limits;
        this.budget = budget;
    }

    @Override
    public String name() {
        return "exec";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET", "POST");
    }

    @Override
    public String kind() {
        return SandboxExecRequest.KIND;
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        if (call.method().equals("GET") || WebSocketOffer.isUpgrade(call.headers())) {
            join(call, exchange);
            return;
        }
        boolean asEvents = AnswerForm.of(call) == AnswerForm.EVENTS;
        var begun = begin(call, exchange, asEvents);
        if (begun.isEmpty()) {
            return;
        }
        try (var output = begun.get().output();
                var memory = budget.share()) {
            if (asEvents) {
                EventPump.run(exchange, output);
            } else {
                var collected = new Collected(limits.execOutputBytes(), memory);
                var latest = OutputAnswer.latest(begun.get().limit(), source.clock());
                var _ = OutputAnswer.EXEC.send(call, exchange, output, collected, latest, source.clock());
            }
        }
    }

    private void join(Call call, Exchange exchange) throws IOException {
        var agreed = WebSocketOffer.agree(
                call, AttachResource.PROTOCOLS, "POST exec with a SandboxExecRequest runs a command without it");
        var wanted = RemoteParameters.ofExec(call);
        var start = RemoteParameters.start(call, wanted);
        StartNotes.write(exchange, start);
        var caller = Caller.of(call.user().name());
        var joined = source.access()
                .start(
                        call,
                        Use.of("exec"),
                        subject(start),
                        endpoint -> Joined.of(source.client().startAttached(endpoint, caller, start)));
        var _ = new RemoteSession(call, exchange, joined, wanted, source.access()).run(agreed);
    }

    /** Reads the request and starts the process. Empty if it is detached and has been answered. The body is forgotten afterwards. */
    private Optional<Begun> begin(Call call, Exchange exchange, boolean asEvents) throws IOException {
        boolean keep = Parameters.keepsOnDisconnect(call);
        try (var memory = budget.share()) {
            var body = new MeteredBody(exchange.body(limits.execBodyBytes()), memory, call.name());
            var request = RequestDocument.read(call, body, SandboxExecRequest.class);
            var name = IdempotencyKey.processName(call, request);
            var start = switch (ExecRules.check(request, asEvents, keep, name)) {
                case ExecRules.Checked.Good good -> good.start();
                case ExecRules.Checked.Bad bad ->
                    throw new ApiException(new ApiError.Invalid(SandboxExecRequest.KIND, call.name(), bad.causes()));
            };
            StartNotes.write(exchange, start);
            if (request.isDetached()) {
                detach(call, exchange, start);
                return Optional.empty();
            }
            return Optional.of(new Begun(start(call, exchange, start), Duration.ofMillis(start.timeoutMs())));
        }
    }

    private LiveOutput start(Call call, Exchange exchange, StartRequest start) throws IOException {
        var caller = Caller.of(call.user().name());
        var output = source.access().start(call, Use.of("exec"), subject(start), endpoint -> {
            var frames = source.client().startAndWatch(endpoint, caller, start);
            return LiveOutput.start(
                    source, call, caller, new LiveOutput.Opened(endpoint, frames, Optional.empty(), true));
        });
        exchange.note(Note.PROCESS, output.process().id());
        exchange.onClientGone(output::abort);
        return output;
    }

    private void detach(Call call, Exchange exchange, StartRequest start) throws IOException {
        var caller = Caller.of(call.user().name());
        var process = source.access()
                .start(
                        call,
                        Use.of("exec"),
                        subject(start),
                        endpoint -> source.client().start(endpoint, caller, start));
        exchange.note(Note.PROCESS, process.id());
        var document = Documents.of("SandboxExecStarted");
        document.put("process", process.id());
        document.put("startedAt", process.startedAt().toEpochMilli());
        exchange.answer(Documents.answer(call, 202, document));
    }

    private static Subject subject(StartRequest start) {
        return new Subject("processes", start.name() == null ? "" : start.name());
    }
}
