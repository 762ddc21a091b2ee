package io.agenttier.cli.command;

import io.agenttier.cli.output.OutputClosedException;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.util.Optional;

/** A process that lives for its user: its output becomes ours, its code too, and Ctrl-C or a closed standard output cancels it. */
final class ForegroundProcess {
    private final Session session;
    private final ProcessOutput output;
    private final boolean hasKey;

    private ForegroundProcess(Session session, SandboxProcess process, boolean hasKey) {
        this.session = session;
        this.output = new ProcessOutput(process, session.output());
        this.hasKey = hasKey;
    }

    /** It is found by the name that we chose. */
    static ForegroundProcess named(Session session, SandboxProcess process) {
        return new ForegroundProcess(session, process, false);
    }

    /** It is found by repeating the call that started it, until the server has named it. */
    static ForegroundProcess keyed(Session session, SandboxProcess process) {
        return new ForegroundProcess(session, process, true);
    }

    /** @return exit code */
    int run(Request start) throws IOException {
        var call = start.accept(ProcessFollower.EVENTS);
        var follower = new ProcessFollower(session, output);
        var cancel = new ProcessCancel(
                session.lastWords(),
                output,
                session.backoff(),
                new Interrupts(),
                session.output(),
                hasKey ? Optional.of(call) : Optional.empty());
        session.interrupts().onInterrupt(cancel::run);
        try {
            var outcome = hasKey ? follower.runByKey(call) : follower.run(call);
            outcome.message().ifPresent(session.output()::problem);
            return outcome.exitCode();
        } catch (OutputClosedException e) {
            cancel.run();
            throw e;
        } finally {
            session.interrupts().onInterrupt(null);
        }
    }
}
