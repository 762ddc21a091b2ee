package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.codec.CanonicalJson;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.ExitRecord;
import io.agenttier.apiserver.sandboxd.Frame;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * POST {@code configure} writes an agent's files, installs it and sets what invocations run ({@code spec} behaviour §9.1). The same
 * configuration again joins an installation that runs, and is skipped once it is in force: a caller who lost the answer asks again.
 */
final class ConfigureResource implements Subresource {
    private static final Subject SUBJECT = new Subject("sandboxes", "", SandboxConfigureRequest.KIND, "installCommand");

    private final AgentAccess agents;
    private final LiveOutput.Source source;
    private final AgentLimits limits;
    private final MemoryBudget budget;
    private final ConfigureRecord record;

    ConfigureResource(
            AgentAccess agents,
            LiveOutput.Source source,
            AgentLimits limits,
            MemoryBudget budget,
            ConfigureRecord record) {
        this.agents = agents;
        this.source = source;
        this.limits = limits;
        this.budget = budget;
        this.record = record;
    }

    @Override
    public String name() {
        return "configure";
    }

    @Override
    public Set<String> methods() {
        return Set.of("POST");
    }

    @Override
    public String kind() {
        return SandboxConfigureRequest.KIND;
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        try {
            run(call, exchange);
        } catch (ApiException e) {
            record.refused(call, agents.template(call), e.error());
            throw e;
        }
    }

    private void run(Call call, Exchange exchange) throws IOException {
        var form = AnswerForm.of(call);
        agents.requireAgent(call);
        // a sandbox in the wrong phase is told so before anything is read
        var endpoint = source.access().ask(call, Use.of("configure"), SUBJECT, reached -> reached);
        var state = agents.live(call);
        Configuration configuration;
        Optional<LiveOutput> started;
        try (var memory = budget.share()) {
            configuration = read(call, exchange, state, memory);
            note(exchange, configuration);
            boolean isInForce = configuration.isEntrypointOnly()
                    || state.agent().hash(endpoint.incarnation()).equals(Optional.of(configuration.hash()));
            if (isInForce) {
                answer(call, exchange, form, record.inForce(call, configuration, endpoint));
                return;
            }
            started = install(call, exchange, configuration, state.agent());
        }
        var change = ConfigureRecord.Change.of(call, configuration, endpoint, source.clock());
        if (started.isEmpty()) {
            answer(call, exchange, form, record.written(change));
            return;
        }
        follow(call, exchange, form, started.get(), change);
    }

    private static void note(Exchange exchange, Configuration configuration) {
        exchange.note(Note.FILES, Integer.toString(configuration.files().size()));
        if (!configuration.install().isEmpty()) {
            exchange.note(Note.ARGV_SHA256, CanonicalJson.sha256(configuration.install()));
        }
        if (!configuration.entrypoint().isEmpty()) {
            exchange.note(Note.ENTRYPOINT_SHA256, CanonicalJson.sha256(configuration.entrypoint()));
        }
    }

    private Configuration read(Call call, Exchange exchange, SandboxState state, MemoryBudget.Share memory)
            throws IOException {
        requireJson(call);
        var length = exchange.contentLength();
        var most = limits.configure().bodyBytes();
        if (length.isPresent() && length.getAsLong() > most) {
            throw new ApiException(new ApiError.TooLarge(
                    "the request body has %d bytes, at most %d are allowed: write large files by \"files\" before"
                            .formatted(length.getAsLong(), most)));
        }
        var request = ConfigureBody.read(exchange.body(most), limits.configure(), memory, call.name());
        return switch (ConfigureRules.check(request, state.agent().spec().installCommand())) {
            case ConfigureRules.Checked.Good good -> good.configuration();
            case ConfigureRules.Checked.Bad bad ->
                throw new ApiException(new ApiError.Invalid(SandboxConfigureRequest.KIND, call.name(), bad.causes()));
        };
    }

    private static void requireJson(Call call) {
        var type = call.header("content-type")
                .orElse("application/json")
                .split(";", 2)[0]
                .strip();
        if (!type.equalsIgnoreCase("application/json") && !type.isEmpty() && !type.equals("*/*")) {
            throw new ApiException(new ApiError.UnsupportedMediaType(
                    "the body has media type \"%s\", expected application/json".formatted(Parameters.printable(type))));
        }
    }

    private Optional<LiveOutput> install(Call call, Exchange exchange, Configuration configuration, AgentState agent)
            throws IOException {
        var caller = Caller.of(call.user().name());
        var upload = configuration.upload(agent.workingDir(), limits.installTimeout());
        var started = source.access().ask(call, Use.of("configure"), SUBJECT, endpoint -> {
            var frames = source.client().configure(endpoint, caller, upload);
            if (frames.isEmpty()) {
                return Optional.<LiveOutput>empty();
            }
            var opened = new LiveOutput.Opened(endpoint, frames.get(), Optional.empty(), true);
            return Optional.of(LiveOutput.start(source, call, caller, opened));
        });
        started.ifPresent(running -> {
            exchange.note(Note.PROCESS, running.process().id());
            exchange.onClientGone(running::abort);
        });
        return started;
    }

    /** The installation goes on whatever becomes of its client, and is recorded when it has ended. */
    private void follow(
            Call call, Exchange exchange, AnswerForm form, LiveOutput started, ConfigureRecord.Change change)
            throws IOException {
        boolean recorded = false;
        try (var output = started;
                var _ = AnswerTimer.start(call, output, limits.streamFor(), source.clock())) {
            var installed = new @Nullable ConfigureResult[1];
            if (form == AnswerForm.EVENTS) {
                EventPump.run(exchange, output, _ -> {}, (pump, exited) -> {
                    installed[0] = record.ended(change, output, exited);
                    send(pump, exited, installed[0]);
                });
            } else {
                exchange.onGoingAway(output::pause);
                installed[0] = document(call, exchange, output, change);
            }
            recorded = installed[0] != null;
        } finally {
            if (!recorded) {
                record.later(change, started.process().id());
            }
        }
    }

    private @Nullable ConfigureResult document(
            Call call, Exchange exchange, LiveOutput output, ConfigureRecord.Change change) throws IOException {
        var notes = new ProcessNotes(exchange, output.process());
        var exited = end(output, notes);
        if (exited.isEmpty()) {
            exchange.answer(OutputAnswer.later(call, output));
            return null;
        }
        var result = record.ended(change, output, exited.get());
        answer(call, exchange, AnswerForm.DOCUMENT, result);
        return result;
    }

    /** Reads to the end of the installation; empty if the answer may last no longer. */
    private static Optional<Frame.Exited> end(LiveOutput output, ProcessNotes notes) throws IOException {
        try {
            for (var frame = output.next(); frame.isPresent(); frame = output.next()) {
                if (frame.get() instanceof Frame.Output bytes) {
                    notes.add(bytes);
                } else if (frame.get() instanceof Frame.Exited exited) {
                    notes.ended(exited.exit());
                    return Optional.of(exited);
                }
            }
            notes.continued();
            return Optional.empty();
        } finally {
            notes.write();
        }
    }

    private static void send(EventPump pump, Frame.Exited exited, ConfigureResult result) throws IOException {
        if (exited.exit().outcome() instanceof ExitRecord.NotStarted notStarted) {
            var data = new LinkedHashMap<String, @Nullable Object>();
            data.put("phase", "install");
            data.put("message", notStarted.message());
            pump.event("error", exited.offset(), data);
        }
        pump.event("result", exited.offset(), result.fields());
    }

    private static void answer(Call call, Exchange exchange, AnswerForm form, ConfigureResult result)
            throws IOException {
        if (form == AnswerForm.DOCUMENT) {
            var document = Documents.of("SandboxConfigureResponse");
            document.putAll(result.fields());
            exchange.answer(Documents.answer(call, 200, document));
            return;
        }
        EventPump.single(exchange, "result", result.fields());
    }
}
