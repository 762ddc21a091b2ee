package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.resource.PortPair.Dialled;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.route.WebSocketOffer;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.Endpoint;
import io.agenttier.apiserver.sandboxd.RefusedException;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * GET {@code portforward} as WebSocket. With {@code port} it is one TCP connection to a port of the sandbox, which is there before the
 * answer; with {@code ports} it is what {@code pods/portforward} is for clients that speak {@code v4.channel.k8s.io}.
 */
final class PortForwardResource implements Subresource {
    private static final int NOTHING_LISTENS = 502;
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
        var ports = call.query().getOrDefault("ports", List.of());
        if (ports.isEmpty()) {
            serveOne(call, exchange);
        } else if (call.parameter("port").isPresent()) {
            throw Parameters.bad("parameters port and ports are both given: ports is for clients that speak %s"
                    .formatted(ChannelFrames.V4));
        } else {
            servePairs(call, exchange, ports);
        }
    }

    private void serveOne(Call call, Exchange exchange) throws IOException {
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
                subject(call),
                endpoint -> new PortSession.Opened(
                        client.tunnel(endpoint, Caller.of(call.user().name()), port), endpoint.incarnation()));
        new PortSession(call, exchange, opened, access).run(agreed);
    }

    /**
     * As on {@code pods/portforward}: the answer 101 says nothing of a port. The first one is dialled before it all the same, since that
     * tells whether the sandbox can be reached.
     */
    private void servePairs(Call call, Exchange exchange, List<String> values) throws IOException {
        var agreed = WebSocketOffer.agree(
                call, List.of(ChannelFrames.V4), "port-forward of the official clients for Python and Java does it");
        var ports = PortNumber.parseAll("parameter ports", values);
        exchange.note(Note.PORT, ports.stream().map(String::valueOf).collect(Collectors.joining(",")));
        var caller = Caller.of(call.user().name());
        var first = access.ask(
                call,
                Use.of("portforward"),
                subject(call),
                endpoint -> new First(endpoint, dialFirst(endpoint, caller, ports.getFirst())));
        try (var dialled = first.dialled()) {
            var pairs = new ArrayList<PortPair>();
            pairs.add(new PortPair(0, ports.getFirst(), () -> dialled));
            for (int place = 1; place < ports.size(); place++) {
                int port = ports.get(place);
                pairs.add(new PortPair(place, port, () -> dial(call, first.endpoint(), caller, port)));
            }
            new PortPairsSession(call, exchange, first.endpoint().incarnation(), pairs, access).run(agreed);
        }
    }

    private record First(Endpoint endpoint, Dialled dialled) {}

    private Dialled dialFirst(Endpoint endpoint, Caller caller, int port) throws IOException {
        try {
            return new Dialled.Connected(client.tunnel(endpoint, caller, port));
        } catch (RefusedException e) {
            if (e.status() == NOTHING_LISTENS) {
                return new Dialled.Failed(e.said());
            }
            throw e;
        }
    }

    private Dialled dial(Call call, Endpoint endpoint, Caller caller, int port) throws ClientGoneException {
        try {
            return new Dialled.Connected(client.tunnel(endpoint, caller, port));
        } catch (IOException e) {
            return new Dialled.Failed(
                    DaemonErrors.of(e, call.name(), subject(call)).message());
        }
    }

    private static Subject subject(Call call) {
        return new Subject("sandboxes", call.name());
    }
}
