package io.agenttier.cli.command;

import io.agenttier.cli.kubeconfig.Access;
import io.agenttier.cli.kubeconfig.AccessLookup;
import io.agenttier.cli.kubeconfig.ConnectionFlags;
import io.agenttier.cli.output.Output;
import io.agenttier.cli.transport.ApiClient;
import io.agenttier.cli.transport.Backoff;
import java.io.IOException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a running command works with. The kubeconfig is read when the first call needs it. */
public final class Session {
    private final Surroundings surroundings;
    private final ConnectionFlags flags;
    private @Nullable Access access;
    private @Nullable ApiClient api;

    public Session(Surroundings surroundings, ConnectionFlags flags) {
        this.surroundings = surroundings;
        this.flags = flags;
    }

    Output output() {
        return surroundings.output();
    }

    Interrupts interrupts() {
        return surroundings.interrupts();
    }

    RandomGenerator random() {
        return surroundings.random();
    }

    Backoff backoff() {
        return new Backoff(surroundings.random(), surroundings.firstWait());
    }

    Surroundings surroundings() {
        return surroundings;
    }

    String namespace() throws IOException {
        return access().namespace();
    }

    ApiClient api() throws IOException {
        if (api == null) {
            api = new ApiClient(access().target(), access().identities(), interrupts());
        }
        return api;
    }

    /** For calls that are made because the user has interrupted us: it never waits to repeat one. */
    ApiClient lastWords() throws IOException {
        return new ApiClient(access().target(), access().identities(), time -> {
            throw new java.io.InterruptedIOException("the server asks to come back later");
        });
    }

    private Access access() throws IOException {
        if (access == null) {
            access = new AccessLookup(surroundings.environment(), surroundings.isInteractive()).find(flags);
        }
        return access;
    }
}
