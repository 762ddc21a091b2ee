package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.codec.Text;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.Endpoint;
import io.agenttier.apiserver.sandboxd.Exit;
import io.agenttier.apiserver.sandboxd.ProcessInfo;
import io.agenttier.apiserver.sandboxd.RefusedException;
import io.agenttier.apiserver.telemetry.AgentMetrics;
import io.agenttier.apiserver.telemetry.OutputBytes;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Tells of invocations by Events, metrics and spans ({@code spec} behaviour §20, §21). The end of one whose client has gone on elsewhere is looked for
 * now and then: by a question, not as a reader, which would keep a process alive that nobody waits for.
 */
final class InvokeRecord {
    private static final Executor LATER = CompletableFuture.delayedExecutor(
            5,
            TimeUnit.SECONDS,
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("invoke-end").factory()));
    /** So many are looked after at a time; of more the end is not told. */
    private static final int LOOKED_AFTER_MAX = 256;

    private static final int WHO_CHARS = 253;

    private final LiveOutput.Source source;
    private final SandboxEvents events;
    private final AgentMetrics metrics;
    private final Semaphore lookedAfter = new Semaphore(LOOKED_AFTER_MAX);

    InvokeRecord(LiveOutput.Source source, SandboxEvents events, AgentMetrics metrics) {
        this.source = source;
        this.events = events;
        this.metrics = metrics;
    }

    /** One invocation; its end is told once. */
    final class Begun {
        private final Call call;
        private final String template;
        private final ProcessInfo process;
        private final Endpoint endpoint;
        private final Instant began = source.clock().instant();
        private final AtomicBoolean told = new AtomicBoolean();
        private volatile boolean isRefused;

        private Begun(Call call, String template, ProcessInfo process, Endpoint endpoint) {
            this.call = call;
            this.template = template;
            this.process = process;
            this.endpoint = endpoint;
        }

        /** @param output null where nobody knows */
        void ended(Exit exit, @Nullable OutputBytes output) {
            if (!told.compareAndSet(false, true)) {
                return;
            }
            var outcome = Outcome.of(exit);
            long ms = outcome.durationMs() == null
                    ? Duration.between(process.startedAt(), exit.endedAt()).toMillis()
                    : outcome.durationMs();
            if (!isRefused) {
                metrics.invokeEnded(AgentEnds.of(
                        call,
                        template,
                        outcome.reason(),
                        began,
                        Duration.ofMillis(Math.max(0, ms)),
                        outcome.exitCode(),
                        output));
            }
            boolean good = Integer.valueOf(0).equals(outcome.exitCode());
            events.add(
                    call.namespace(),
                    call.name(),
                    good ? EventType.NORMAL : EventType.WARNING,
                    good ? "AgentInvokeCompleted" : "AgentInvokeFailed",
                    "invokeId=%s exit=%s reason=%s duration_ms=%d"
                            .formatted(process.id(), shown(outcome.exitCode()), outcome.reason(), ms));
        }

        /** Its call was refused after it had begun, and is counted as that: only its end is told. */
        void refused() {
            isRefused = true;
            left();
        }

        /** Its client reads on elsewhere, or has left. */
        void left() {
            if (!told.get() && lookedAfter.tryAcquire()) {
                LATER.execute(this::look);
            }
        }

        private void look() {
            boolean over = true;
            try {
                var now =
                        source.client().process(endpoint, Caller.of(call.user().name()), process.id());
                over = now.exit() != null;
                if (now.exit() != null) {
                    ended(now.exit(), new OutputBytes(now.bytesStdout(), now.bytesStderr()));
                }
            } catch (RefusedException e) {
                // nothing is known of it any more
            } catch (IOException e) {
                over = isPodGone();
                if (over) {
                    ended(
                            Exit.lost(
                                    "the pod ended before the process did",
                                    source.clock().instant()),
                            null);
                }
            } finally {
                if (over) {
                    lookedAfter.release();
                } else {
                    LATER.execute(this::look);
                }
            }
        }

        private boolean isPodGone() {
            try {
                return source.access().find(call, endpoint.incarnation()).isEmpty();
            } catch (RuntimeException e) {
                return false;
            }
        }
    }

    Begun begin(Call call, String template, ProcessInfo process, Endpoint endpoint) {
        events.add(
                call.namespace(),
                call.name(),
                EventType.NORMAL,
                "AgentInvokeStarted",
                "invokeId=%s by %s"
                        .formatted(process.id(), Text.printable(call.user().name(), WHO_CHARS)));
        return new Begun(call, template, process, endpoint);
    }

    /** @param outcome {@code throttled}, {@code body_too_large} or {@code stream_unsupported} */
    void refused(Call call, String template, String outcome) {
        metrics.invokeRefused(
                AgentEnds.of(call, template, outcome, source.clock().instant()));
    }

    private static String shown(@Nullable Integer exitCode) {
        return exitCode == null ? "unknown" : exitCode.toString();
    }
}
