package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.route.WebSocketOffer;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** GET {@code portforward} as WebSocket: one TCP connection to a port of the sandbox, which is there before the answer. */
final class PortForwardResource implements Subresource {
    private static final List<String> PROTOCOLS = List.of(ChannelFrames.V5, PortWire.PLAIN);

    private final SandboxAccess access;
    private final SandboxdClient client;

    PortForwardResource(SandboxAccess access, SandboxdClient client) {
        this.access = access;
        this.client = client;
    }

    @Override
    public String name() {
        return "portforward";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET");
    }

    @Override
    public String kind() {
        return "SandboxPortForwardOptions";
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        var agreed = WebSocketOffer.agree(
                call, PROTOCOLS, "\"kubectl sandbox port-forward %s PORT\" does it".formatted(call.name()));
        int port = PortNumber.parse(
                "parameter port",
                call.parameter("port")
                        .orElseThrow(() -> Parameters.bad("parameter port is missing: give a number from 1 to 65535")));
        exchange.note(Note.PORT, Integer.toString(port));
        var opened = access.ask(
                call,
                Use.of("portforward"),
                new Subject("sandboxes", call.name()),
                endpoint -> new PortSession.Opened(
                        client.tunnel(endpoint, Caller.of(call.user().name()), port), endpoint.incarnation()));
        new PortSession(call, exchange, opened, access).run(agreed);
    }
}
