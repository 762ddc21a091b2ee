package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.resource.InvokeRules.Content;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.sandboxd.Attachment;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.Endpoint;
import io.agenttier.apiserver.sandboxd.Exit;
import io.agenttier.apiserver.sandboxd.ExitRecord;
import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.FrameStream;
import io.agenttier.apiserver.sandboxd.InvokeStart;
import io.agenttier.apiserver.sandboxd.RefusedException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** POST {@code invoke} runs the configured entrypoint once, with the body as its standard input ({@code spec} behaviour §9.2). */
final class InvokeResource implements Subresource {
    private static final Logger LOG = LoggerFactory.getLogger(InvokeResource.class);
    private static final String HANDLE = "invokeId";
    private static final Subject SUBJECT = new Subject("processes", "", SandboxInvokeRequest.KIND, "Idempotency-Key");

    private final AgentAccess agents;
    private final LiveOutput.Source source;
    private final AgentLimits limits;
    private final MemoryBudget budget;
    private final InvokeRecord record;

    /**
     * An invocation that is wanted.
     *
     * @param key of its idempotency; empty for none
     */
    private record Wish(Call call, Exchange exchange, Caller caller, InvokeInput input, String key) {}

    /**
     * An invocation that runs.
     *
     * @param attachment by which standard input is to be sent; null if it went with the start
     * @param told its Events, metrics and span; null if an earlier call started it
     */
    private record Running(
            Endpoint endpoint, LiveOutput output, @Nullable Attachment attachment, InvokeRecord.@Nullable Begun told) {}

    InvokeResource(
            AgentAccess agents,
            LiveOutput.Source source,
            AgentLimits limits,
            MemoryBudget budget,
            InvokeRecord record) {
        this.agents = agents;
        this.source = source;
        this.limits = limits;
        this.budget = budget;
        this.record = record;
    }

    @Override
    public String name() {
        return "invoke";
    }

    @Override
    public Set<String> methods() {
        return Set.of("POST");
    }

    @Override
    public String kind() {
        return SandboxInvokeRequest.KIND;
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        try {
            run(call, exchange);
        } catch (ApiException e) {
            countRefusal(call, e.error());
            throw e;
        }
    }

    private void run(Call call, Exchange exchange) throws IOException {
        var form = AnswerForm.of(call);
        var parameters = InvokeRules.parameters(call);
        var key = IdempotencyKey.invokeKey(call);
        agents.requireAgent(call);
        Running running;
        try (var memory = budget.share()) {
            var input = InvokeInput.read(call, exchange, parameters, !key.isEmpty(), limits.invokeBodyBytes(), memory);
            running = start(call, exchange, input, key);
        }
        try (var output = running.output();
                var _ = AnswerTimer.start(call, output, limits.streamFor(), source.clock())) {
            var exit = answer(call, exchange, form, output);
            var told = running.told();
            if (told != null) {
                exit.ifPresentOrElse(how -> told.ended(how, output.delivered()), told::left);
            }
        } catch (IOException | RuntimeException e) {
            if (running.told() != null) {
                running.told().left();
            }
            throw e;
        }
    }

    private Running start(Call call, Exchange exchange, InvokeInput input, String key) throws IOException {
        var caller = Caller.of(call.user().name());
        var wish = new Wish(call, exchange, caller, input, key);
        var running = source.access().start(call, Use.of("invoke"), SUBJECT, endpoint -> open(wish, endpoint));
        exchange.note(Note.PROCESS, running.output().process().id());
        exchange.onClientGone(running.output()::abort);
        if (input instanceof InvokeInput.Streamed streamed && running.attachment() != null) {
            send(wish, streamed, running, running.attachment());
        }
        return running;
    }

    private Running open(Wish wish, Endpoint endpoint) throws IOException {
        var known = agents.requireEntrypoint(wish.call());
        try {
            return open(wish, endpoint, known);
        } catch (RefusedException e) {
            if (!e.isOutdated()) {
                throw e;
            }
            // the cache lags behind a configure that another replica served
            return open(wish, endpoint, agents.live(wish.call()).agent());
        }
    }

    private Running open(Wish wish, Endpoint endpoint, AgentState agent) throws IOException {
        var call = wish.call();
        var caller = wish.caller();
        var content = switch (wish.input()) {
            case InvokeInput.Whole whole -> whole.content();
            case InvokeInput.Streamed _ -> Content.NONE;
            case InvokeInput.TooLong tooLong -> throw InvokeRules.tooLarge(tooLong.bytes(), tooLong.maxBytes());
        };
        boolean streams = wish.input() instanceof InvokeInput.Streamed;
        var process =
                InvokeRules.start(call, agent, wish.input().wanted(), content, limits.maxInvokeTimeout(), streams);
        StartNotes.write(wish.exchange(), process);
        var start = new InvokeStart(process, agent.cap(), agent.configuration(), wish.key());
        if (!streams) {
            return running(call, endpoint, caller, agent, source.client().startAndWatch(endpoint, caller, start), null);
        }
        var attachment = source.client().startAttached(endpoint, caller, start);
        return running(call, endpoint, caller, agent, attachment.frames(), attachment);
    }

    private Running running(
            Call call,
            Endpoint endpoint,
            Caller caller,
            AgentState agent,
            FrameStream frames,
            @Nullable Attachment attachment)
            throws IOException {
        var output =
                LiveOutput.start(source, call, caller, new LiveOutput.Opened(endpoint, frames, Optional.empty(), true));
        var told = frames.isJoined() ? null : record.begin(call, agent.template(), output.process(), endpoint);
        return new Running(endpoint, output, attachment, told);
    }

    /** A body that does not come whole ends the process: what it has read is not what its caller meant. */
    private void send(Wish wish, InvokeInput.Streamed input, Running running, Attachment attachment)
            throws IOException {
        try {
            input.sendTo(attachment, StdinNotes.of(wish.exchange()));
        } catch (IOException | ApiException e) {
            cancel(wish.caller(), running);
            if (running.told() != null && e instanceof ApiException) {
                running.told().refused();
            } else if (running.told() != null) {
                running.told().left();
            }
            running.output().close();
            if (e instanceof ClientGoneException || e instanceof ApiException) {
                throw e;
            }
            throw InvokeInput.broken(wish.call(), running.output().process().id());
        }
    }

    private void cancel(Caller caller, Running running) {
        var id = running.output().process().id();
        try {
            source.client().signal(running.endpoint(), caller, id, null);
        } catch (IOException e) {
            // its reader is gone: it is cancelled after the grace
            LOG.atDebug().addKeyValue("process", id).setCause(e).log("an invocation was not cancelled at once");
        }
    }

    private Optional<Exit> answer(Call call, Exchange exchange, AnswerForm form, LiveOutput output) throws IOException {
        if (form == AnswerForm.DOCUMENT) {
            try (var memory = budget.share()) {
                var collected = new Collected(limits.invokeOutputBytes(), memory);
                var latest = OutputAnswer.latest(limits.maxInvokeTimeout(), source.clock());
                return OutputAnswer.INVOKE.send(call, exchange, output, collected, latest, source.clock());
            }
        }
        var ended = new Frame.@Nullable Exited[1];
        EventPump.run(exchange, output, pump -> pump.start(HANDLE), (pump, exited) -> {
            ended[0] = exited;
            end(pump, exited);
        });
        return Optional.ofNullable(ended[0]).map(Frame.Exited::exit);
    }

    private static void end(EventPump pump, Frame.Exited exited) throws IOException {
        if (exited.exit().outcome() instanceof ExitRecord.NotStarted notStarted) {
            var data = new LinkedHashMap<String, @Nullable Object>();
            data.put("message", notStarted.message());
            pump.event("error", exited.offset(), data);
        }
        pump.exit(HANDLE, exited);
    }

    private void countRefusal(Call call, ApiError error) {
        var outcome = switch (error) {
            case ApiError.Full _ -> "throttled";
            case ApiError.TooLarge _ -> "body_too_large";
            case ApiError.NotAcceptable _ -> "stream_unsupported";
            default -> "";
        };
        if (!outcome.isEmpty()) {
            record.refused(call, agents.template(call), outcome);
        }
    }
}
