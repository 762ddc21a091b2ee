package io.agenttier.controller.plan;

import io.agenttier.api.StopReason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An automatic stop that is to come.
 *
 * @param announcedAt from when on it is shown; at most {@code at}
 * @param reason one of {@link StopReason}
 * @param remark what else is to be said about it; empty as a rule
 */
record Deadline(Instant at, Instant announcedAt, String reason, String remark) {
    /** Use is written at the latest after this time, or a tenth of the idle timeout if that is longer. */
    private static final Duration USE_WRITTEN_WITHIN = Duration.ofMinutes(1);

    /**
     * What the arithmetic rests on.
     *
     * @param startedAt start of the present run; null if there is none
     * @param usableSince since when its pod is ready; null while it is not
     * @param use when it was used last
     * @param shutdownDone whether the shutdown time has acted already
     */
    record Facts(@Nullable Instant startedAt, @Nullable Instant usableSince, Use use, boolean shutdownDone) {}

    /** The earliest of all; of several at the same time the one that no use postpones. */
    static Optional<Deadline> next(Lifetime lifetime, Facts facts, Duration graceMax) {
        var all = new ArrayList<Deadline>();
        var started = facts.startedAt();
        if (started != null && lifetime.timeout() != null) {
            all.add(after(started, lifetime.timeout(), graceMax, StopReason.MAX_RUNTIME_REACHED, ""));
        }
        shutdown(lifetime, facts, graceMax).ifPresent(all::add);
        if (started != null && facts.usableSince() != null && lifetime.idleTimeout() != null) {
            all.add(idle(started, facts.usableSince(), facts.use(), lifetime.idleTimeout(), graceMax));
        }
        return all.stream().min(Comparator.comparing(Deadline::at));
    }

    boolean isDue(Instant now) {
        return !now.isBefore(at);
    }

    boolean isAnnounced(Instant now) {
        return !now.isBefore(announcedAt);
    }

    private static Optional<Deadline> shutdown(Lifetime lifetime, Facts facts, Duration graceMax) {
        var at = lifetime.shutdownTime();
        if (at == null || facts.shutdownDone()) {
            return Optional.empty();
        }
        var started = facts.startedAt() == null || facts.startedAt().isAfter(at) ? at : facts.startedAt();
        return Optional.of(after(started, Duration.between(started, at), graceMax, StopReason.SHUTDOWN_TIME, ""));
    }

    /** A sandbox that took long to start is not idle because nobody could use it. */
    private static Deadline idle(
            Instant started, Instant usableSince, Use use, Duration idleTimeout, Duration graceMax) {
        var since = latest(List.of(started, usableSince, use.last()));
        if (use.unasked().isEmpty()) {
            return after(since, idleTimeout, graceMax, StopReason.IDLE_TIMEOUT, "");
        }
        var written = idleTimeout.dividedBy(10);
        var patience = written.compareTo(USE_WRITTEN_WITHIN) > 0 ? written : USE_WRITTEN_WITHIN;
        return after(
                since.plus(patience),
                idleTimeout,
                graceMax,
                StopReason.IDLE_TIMEOUT,
                "sandboxd could not be asked for later use (" + use.unasked() + "), so this is " + patience.toSeconds()
                        + " s later, by when any use would have been noted");
    }

    private static Deadline after(Instant since, Duration time, Duration graceMax, String reason, String remark) {
        var half = time.dividedBy(2);
        var at = since.plus(time);
        return new Deadline(at, at.minus(half.compareTo(graceMax) < 0 ? half : graceMax), reason, remark);
    }

    private static Instant latest(List<Instant> instants) {
        return instants.stream().max(Comparator.naturalOrder()).orElse(Instant.EPOCH);
    }
}
