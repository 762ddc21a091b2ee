package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.resource.RemoteSession.Joined;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.route.WebSocketOffer;
import io.agenttier.apiserver.sandboxd.AttachRequest;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** GET {@code attach} as WebSocket: joins a process, to watch it or to write to it as well. */
final class AttachResource implements Subresource {
    static final List<String> PROTOCOLS = List.of(ChannelFrames.V5, ChannelFrames.V4);

    private final SandboxAccess access;
    private final SandboxdClient client;
    private final ProcessRights rights;

    AttachResource(SandboxAccess access, SandboxdClient client, ProcessRights rights) {
        this.access = access;
        this.client = client;
        this.rights = rights;
    }

    @Override
    public String name() {
        return "attach";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET");
    }

    @Override
    public String kind() {
        return "SandboxAttachOptions";
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        var agreed = WebSocketOffer.agree(call, PROTOCOLS, "GET log reads output without it");
        if (call.parameter("process").isEmpty()) {
            throw Parameters.bad(
                    "parameter process is missing, and a login shell is not offered yet: name a process, as GET processes lists them");
        }
        var handle = Parameters.process(call);
        var wanted = RemoteParameters.ofAttach(call);
        boolean takeover = Parameters.flag(call, "takeover");
        if (takeover && !wanted.stdin()) {
            throw Parameters.bad("parameter takeover is about stdin: add stdin=true");
        }
        var attach = new AttachRequest(
                handle.text(), Parameters.count(call, "offset").orElse(0), wanted.stdin(), takeover);
        var caller = rights.caller(call);
        var joined = access.ask(
                call,
                Use.of("attach", handle),
                new Subject("processes", handle.text()),
                endpoint -> Joined.of(client.attach(endpoint, caller, attach)));
        try {
            rights.check(call, joined.process().type());
        } catch (RuntimeException e) {
            joined.attachment().close();
            throw e;
        }
        new RemoteSession(call, exchange, joined, wanted, access).run(agreed);
    }
}
