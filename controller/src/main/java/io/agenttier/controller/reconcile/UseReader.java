package io.agenttier.controller.reconcile;

import io.agenttier.controller.effect.Effect;
import io.agenttier.controller.effect.Witness;
import io.agenttier.controller.plan.ResourceKind;
import io.agenttier.controller.plan.UseReport;
import io.agenttier.controller.sandboxd.Endpoint;
import io.agenttier.controller.sandboxd.Reply;
import io.agenttier.controller.sandboxd.Report;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/** Asks the daemon of a pod for the use of its sandbox. One that is silent is not asked again at once: each question may take seconds. */
final class UseReader {
    private static final Duration SILENCE_HOLDS = Duration.ofSeconds(20);

    /** Forgetting costs one question more. */
    private static final int ENTRIES_MAX = 10_000;

    private final Function<Endpoint, Reply<Report>> daemon;
    private final Witness witness;
    private final ConcurrentMap<Endpoint, Quiet> quiet = new ConcurrentHashMap<>();

    private record Quiet(UseReport.Silent answer, Instant until) {}

    /** @param daemon asks; blocks within a time limit */
    UseReader(Function<Endpoint, Reply<Report>> daemon, Witness witness) {
        this.daemon = daemon;
        this.witness = witness;
    }

    UseReport ask(Key sandbox, V1Pod pod, String incarnation, Instant now) {
        var ip = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
        if (ip == null || ip.isEmpty()) {
            return new UseReport.Silent("its pod has no address");
        }
        var endpoint = new Endpoint(ip, Endpoint.PORT, incarnation);
        var known = quiet.get(endpoint);
        if (known != null && now.isBefore(known.until())) {
            return known.answer();
        }
        quiet.remove(endpoint);
        var target = ResourceKind.SANDBOX.path(sandbox.namespace(), sandbox.name());
        witness.before(Effect.ASK_FOR_USE, target);
        var reply = daemon.apply(endpoint);
        witness.after(Effect.ASK_FOR_USE, target);
        return switch (reply) {
            case Reply.Answer(Report report) -> new UseReport.Told(report.lastUse(), report.inUse());
            case Reply.Unreachable<Report> u -> silent(endpoint, u.why(), now);
            case Reply.Refused<Report> r -> silent(endpoint, "it answered " + r.status() + " " + r.message(), now);
            case Reply.Misbehaved<Report> m -> silent(endpoint, m.why(), now);
        };
    }

    private UseReport silent(Endpoint endpoint, String why, Instant now) {
        if (quiet.size() >= ENTRIES_MAX) {
            quiet.clear();
        }
        var answer = new UseReport.Silent(why);
        quiet.put(endpoint, new Quiet(answer, now.plus(SILENCE_HOLDS)));
        return answer;
    }
}
