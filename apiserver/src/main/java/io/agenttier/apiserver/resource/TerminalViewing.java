package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.codec.Text;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.sandboxd.ProcessClass;
import io.agenttier.apiserver.sandboxd.ProcessInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Tells by Events when somebody sits down at the keyboard of a terminal, and when they leave ({@code spec} behaviour §11). */
final class TerminalViewing {
    private static final int WHO_CHARS = 253;

    private final SandboxEvents events;
    private final InstantSource clock;

    TerminalViewing(SandboxEvents events, InstantSource clock) {
        this.events = events;
        this.clock = clock;
    }

    /** A session that has begun. */
    @FunctionalInterface
    interface Begun {
        /** @param why it ended, for people */
        void ended(String why);
    }

    /** @param writes whether the caller has the keyboard; one who only watches is in the audit log alone */
    Begun begin(Call call, ProcessInfo process, boolean writes) {
        if (!writes || process.type() != ProcessClass.TERMINAL) {
            return _ -> {};
        }
        var began = clock.instant();
        var what = "terminal %s (process %s)".formatted(process.session(), process.id());
        var who = Text.printable(call.user().name(), WHO_CHARS);
        events.add(call.namespace(), call.name(), "TerminalOpened", "%s opened %s".formatted(who, what));
        return why -> events.add(
                call.namespace(),
                call.name(),
                "TerminalClosed",
                "%s left %s after %d s: %s".formatted(who, what, seconds(began), why));
    }

    private long seconds(Instant began) {
        return Duration.between(began, clock.instant()).toSeconds();
    }
}
