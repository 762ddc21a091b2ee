package io.agenttier.apiserver.resource;

import io.agenttier.api.AgentConfigure;
import io.agenttier.api.InstallLogRef;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.Endpoint;
import io.agenttier.apiserver.sandboxd.ExitRecord;
import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.LogRequest;
import io.agenttier.apiserver.telemetry.AgentMetrics;
import io.agenttier.apiserver.telemetry.OutputBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records how configurations end: in status, as the end of the install's output, by an Event, by metrics and by a span. An installation whose client
 * has gone on elsewhere is followed to its end; if this program dies before, the same configuration asked for again is recorded then.
 */
final class ConfigureRecord {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigureRecord.class);
    static final int LOG_BYTES = 8 * 1024;
    /** So many are followed at a time; of more the end is not recorded before they are asked for again. */
    private static final int FOLLOWED_MAX = 64;

    private final AgentAccess agents;
    private final LiveOutput.Source source;
    private final AgentRecords records;
    private final AgentLimits limits;
    private final SandboxEvents events;
    private final AgentMetrics metrics;
    private final Semaphore followed = new Semaphore(FOLLOWED_MAX);

    ConfigureRecord(
            AgentAccess agents,
            LiveOutput.Source source,
            AgentRecords records,
            AgentLimits limits,
            SandboxEvents events,
            AgentMetrics metrics) {
        this.agents = agents;
        this.source = source;
        this.records = records;
        this.limits = limits;
        this.events = events;
        this.metrics = metrics;
    }

    /**
     * What is remembered of a configuration while it is installed: not its files.
     *
     * @param endpoint of the pod in which it is installed
     */
    record Change(Call call, String hash, List<String> entrypoint, int files, Endpoint endpoint, Instant began) {
        static Change of(Call call, Configuration configuration, Endpoint endpoint, InstantSource clock) {
            return new Change(
                    call,
                    configuration.hash(),
                    configuration.entrypoint(),
                    configuration.files().size(),
                    endpoint,
                    clock.instant());
        }
    }

    /** Nothing has to be installed: only the entrypoint may change. */
    ConfigureResult inForce(Call call, Configuration configuration, Endpoint endpoint) {
        var state = agents.live(call);
        var before = state.agent().configured();
        boolean skipped = !configuration.isEntrypointOnly();
        boolean isNews = !configuration.entrypoint().isEmpty()
                && (before == null || !configuration.entrypoint().equals(before.entrypoint()));
        if (before != null && before.lastConfiguredAt() != null && !isNews) {
            return ConfigureResult.of(before, skipped);
        }
        boolean isFirst = !state.agent().isConfigured();
        var next = new AgentConfigure(
                state.agent().next(source.clock().instant()).atOffset(ZoneOffset.UTC),
                before == null || isFirst ? null : before.installCommandHash(),
                configuration.entrypoint().isEmpty() ? entrypointBefore(state) : configuration.entrypoint(),
                0,
                before == null ? null : before.installLogConfigMapRef(),
                state.agent().cap(),
                seconds(state.agent()),
                before == null || isFirst ? endpoint.incarnation() : before.incarnation());
        write(state, next, call, endpoint);
        tell(call, "entrypoint set");
        metrics.configureEnded(AgentEnds.of(
                call, state.agent().template(), "ok", source.clock().instant()));
        return ConfigureResult.of(next, skipped);
    }

    /** Only files were to be written, and they are. */
    ConfigureResult written(Change change) {
        return succeeded(change, null, null);
    }

    /** An installation has ended. */
    ConfigureResult ended(Change change, LiveOutput output, Frame.Exited exited) {
        var outcome = Outcome.of(exited.exit());
        var log = keepLog(change, output.process().id(), exited.offset());
        if (Integer.valueOf(0).equals(outcome.exitCode())) {
            return succeeded(change, log, output.delivered());
        }
        var state = agents.live(change.call());
        boolean ranToItsEnd = exited.exit().outcome() instanceof ExitRecord.Exited;
        count(
                change,
                state,
                ranToItsEnd ? "install_nonzero" : "install_failed",
                outcome.exitCode(),
                output.delivered());
        if (!state.agent().isConfigured() && outcome.exitCode() != null) {
            write(state, new AgentConfigure(null, null, List.of(), outcome.exitCode(), log, null, null, null));
        }
        return new ConfigureResult(
                Optional.ofNullable(state.agent().configured())
                        .map(AgentConfigure::lastConfiguredAt)
                        .map(OffsetDateTime::toInstant)
                        .orElse(null),
                change.hash(),
                state.agent().entrypoint(),
                outcome.exitCode(),
                false);
    }

    /** @param output of the installation, null if there was none */
    private ConfigureResult succeeded(Change change, @Nullable InstallLogRef log, @Nullable OutputBytes output) {
        var state = agents.live(change.call());
        var entrypoint = change.entrypoint().isEmpty() ? entrypointBefore(state) : change.entrypoint();
        var next = new AgentConfigure(
                state.agent().next(source.clock().instant()).atOffset(ZoneOffset.UTC),
                change.hash(),
                entrypoint,
                0,
                log,
                state.agent().cap(),
                seconds(state.agent()),
                change.endpoint().incarnation());
        write(state, next, change.call(), change.endpoint());
        tell(
                change.call(),
                "files=%d install_exit=0 hash=%s duration_ms=%d"
                        .formatted(
                                change.files(),
                                change.hash().substring(0, 12),
                                took(change).toMillis()));
        count(change, state, "ok", output == null ? null : 0, output);
        return ConfigureResult.of(next, false);
    }

    private void count(
            Change change,
            SandboxState state,
            String outcome,
            @Nullable Integer exitCode,
            @Nullable OutputBytes output) {
        metrics.configureEnded(AgentEnds.of(
                change.call(), state.agent().template(), outcome, change.began(), took(change), exitCode, output));
    }

    private static List<String> entrypointBefore(SandboxState state) {
        var before = state.agent().configured();
        return before == null ? List.of() : before.entrypoint();
    }

    /** Follows an installation whose client does not, or no longer. */
    void later(Change change, String process) {
        if (!followed.tryAcquire()) {
            return;
        }
        Thread.ofVirtual().name("install-end").start(() -> {
            try (var _ = change.call().span().inLogs()) {
                follow(change, process);
            } catch (IOException | RuntimeException e) {
                LOG.atWarn()
                        .addKeyValue("namespace", change.call().namespace())
                        .addKeyValue("name", change.call().name())
                        .addKeyValue("process", process)
                        .setCause(e)
                        .log(
                                "the end of an installation was not recorded: the same configuration asked for again will be");
            } finally {
                followed.release();
            }
        });
    }

    private void follow(Change change, String process) throws IOException {
        var caller = Caller.of(change.call().user().name());
        // only its end is wanted: the output is passed over
        var log = new LogRequest(process, Optional.empty(), 0, true);
        var frames = source.client().log(change.endpoint(), caller, log);
        var opened = new LiveOutput.Opened(change.endpoint(), frames, Optional.empty(), true);
        try (var output = LiveOutput.start(source, change.call(), caller, opened)) {
            for (var frame = output.next(); frame.isPresent(); frame = output.next()) {
                if (frame.get() instanceof Frame.Exited exited) {
                    var _ = ended(change, output, exited);
                }
            }
        }
    }

    void refused(Call call, String template, ApiError error) {
        var outcome = switch (error) {
            case ApiError.NotAcceptable _ -> "stream_unsupported";
            case ApiError.Denied _ -> "policy_denied";
            case ApiError.BadRequest _, ApiError.Invalid _, ApiError.TooLarge _, ApiError.UnsupportedMediaType _ ->
                "bad_request";
            default -> "files_failed";
        };
        metrics.configureEnded(
                AgentEnds.of(call, template, outcome, source.clock().instant()));
    }

    /** The end of the output is kept if that can be done: a configuration does not fail for want of it. */
    private @Nullable InstallLogRef keepLog(Change change, String process, long end) {
        var caller = Caller.of(change.call().user().name());
        var wanted = new LogRequest(process, Optional.empty(), Math.max(0, end - LOG_BYTES), false);
        var tail = new ByteArrayOutputStream();
        try (var frames = source.client().log(change.endpoint(), caller, wanted)) {
            for (var frame = frames.next(); frame.isPresent(); frame = frames.next()) {
                if (frame.get() instanceof Frame.Output output) {
                    tail.writeBytes(output.bytes());
                }
            }
            var text = tail.toString(StandardCharsets.UTF_8);
            return new InstallLogRef(records.keepLog(agents.live(change.call()), text));
        } catch (IOException | ApiException e) {
            LOG.atWarn()
                    .addKeyValue("namespace", change.call().namespace())
                    .addKeyValue("name", change.call().name())
                    .setCause(e)
                    .log("the output of an installation was not kept");
            return null;
        }
    }

    /** Also tells the pod, so that replicas whose cache lags behind start nothing that rests on an earlier configuration. */
    private void write(SandboxState state, AgentConfigure next, Call call, Endpoint endpoint) {
        write(state, next);
        var at = next.lastConfiguredAt();
        try {
            if (at != null) {
                source.client()
                        .configured(
                                endpoint,
                                Caller.of(call.user().name()),
                                at.toInstant().toEpochMilli());
            }
        } catch (IOException e) {
            LOG.atDebug()
                    .addKeyValue("namespace", state.namespace())
                    .addKeyValue("name", state.name())
                    .setCause(e)
                    .log("the pod was not told of its configuration");
        }
    }

    private void write(SandboxState state, AgentConfigure next) {
        try {
            records.write(state, next);
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("namespace", state.namespace())
                    .addKeyValue("name", state.name())
                    .setCause(e)
                    .log("status.agentConfigure was not written");
            throw new ApiException(new ApiError.Unavailable(
                    "sandbox \"%s\" is configured, but that could not be written to its status: configure again with the same, which is quick"
                            .formatted(state.name())));
        }
    }

    private void tell(Call call, String message) {
        events.add(call.namespace(), call.name(), "AgentConfigured", message);
    }

    private Duration took(Change change) {
        return Duration.between(change.began(), source.clock().instant());
    }

    private int seconds(AgentState agent) {
        return (int) Math.min(
                Integer.MAX_VALUE, agent.limit(limits.maxInvokeTimeout()).toSeconds());
    }
}
