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
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * GET {@code attach} as WebSocket: joins a process, to watch it or to write to it as well. Without a process it joins the terminal of a session,
 * {@code main} unless another is named ({@code spec} behaviour §11).
 */
final class AttachResource implements Subresource {
    static final List<String> PROTOCOLS = List.of(ChannelFrames.V5, ChannelFrames.V4);

    private static final List<String> OF_TERMINALS = List.of("session", "cols", "rows", "altScreen", "share");

    private final SandboxAccess access;
    private final SandboxdClient client;
    private final ProcessRights rights;
    private final Duration terminalRetention;
    private final TerminalViewing viewing;

    AttachResource(
            SandboxAccess access,
            SandboxdClient client,
            ProcessRights rights,
            Duration terminalRetention,
            TerminalViewing viewing) {
        this.access = access;
        this.client = client;
        this.rights = rights;
        this.terminalRetention = terminalRetention;
        this.viewing = viewing;
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
        var wanted = RemoteParameters.ofAttach(call);
        boolean takeover = Parameters.flag(call, "takeover");
        if (takeover && !wanted.stdin()) {
            throw Parameters.bad("parameter takeover is about stdin: add stdin=true");
        }
        var joined = call.parameter("process").isPresent()
                ? process(call, wanted, takeover)
                : terminal(call, wanted, takeover);
        try {
            rights.check(call, joined.process().type());
        } catch (RuntimeException e) {
            joined.attachment().close();
            throw e;
        }
        var begun = viewing.begin(call, joined.process(), wanted.stdin());
        var ended = "it broke";
        try {
            ended = new RemoteSession(call, exchange, joined, wanted, access).run(agreed);
        } finally {
            begun.ended(ended);
        }
    }

    private Joined process(Call call, RemoteParameters.Wanted wanted, boolean takeover) throws IOException {
        for (var key : OF_TERMINALS) {
            if (call.parameter(key).isPresent()) {
                throw Parameters.bad(
                        "parameter %s is for a terminal session, and process names a process: give one of them"
                                .formatted(key));
            }
        }
        var handle = Parameters.process(call);
        var attach = new AttachRequest(
                handle.text(), Parameters.count(call, "offset").orElse(0), wanted.stdin(), takeover);
        var caller = rights.caller(call);
        return access.ask(
                call,
                Use.of("attach", handle),
                new Subject("processes", handle.text()),
                endpoint -> Joined.of(client.attach(endpoint, caller, attach)));
    }

    private Joined terminal(Call call, RemoteParameters.Wanted wanted, boolean takeover) throws IOException {
        var terminal = RemoteParameters.ofTerminal(call, wanted, takeover, terminalRetention);
        var caller = rights.caller(call);
        return access.ask(
                call,
                Use.of("attach"),
                new Subject("sessions", terminal.session()),
                endpoint -> Joined.of(client.terminal(endpoint, caller, terminal)));
    }
}
