package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Exchange;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Why a connection between a client and a port ended before either of them ended it. */
final class EarlyEnd {
    private final Call call;
    private final Exchange exchange;
    private final SandboxAccess access;
    private final String incarnation;
    private final Runnable cut;
    /** Only the first who ends it counts. */
    private final AtomicReference<@Nullable RemoteEnd> wanted = new AtomicReference<>();

    /**
     * @param incarnation whose port it is
     * @param cut cuts the connection to the daemon
     */
    EarlyEnd(Call call, Exchange exchange, SandboxAccess access, String incarnation, Runnable cut) {
        this.call = call;
        this.exchange = exchange;
        this.access = access;
        this.incarnation = incarnation;
        this.cut = cut;
    }

    /** Ends it, from any thread. */
    void end(RemoteEnd end) {
        wanted.compareAndSet(null, end);
        cut.run();
    }

    /** How somebody here ended it; empty if nobody did. */
    Optional<RemoteEnd> wanted() {
        return Optional.ofNullable(wanted.get());
    }

    /**
     * The connection to the daemon is gone: because somebody here ended it, the client left, or it broke.
     *
     * @throws ClientGoneException the client left
     */
    RemoteEnd why() throws ClientGoneException {
        var end = wanted.get();
        if (end != null) {
            return end;
        }
        if (exchange.isClientGone()) {
            throw new ClientGoneException();
        }
        try {
            return RemoteEnd.cut(access.fate(call, incarnation), "connect again");
        } catch (ApiException e) {
            return RemoteEnd.cut(RemoteEnd.Fate.UNREACHABLE, "connect again");
        }
    }
}
