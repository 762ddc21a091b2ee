package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.route.WebSocketOffer;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.PortHttp;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import java.io.IOException;
import java.util.Set;

/** {@code proxy/{port}/{path}}: HTTP and WebSocket with what listens on a declared port of the sandbox. */
final class ProxyResource implements Subresource {
    private final SandboxAccess access;
    private final SandboxdClient client;

    ProxyResource(SandboxAccess access, SandboxdClient client) {
        this.access = access;
        this.client = client;
    }

    @Override
    public String name() {
        return "proxy";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    }

    @Override
    public String kind() {
        return "SandboxProxyOptions";
    }

    @Override
    public boolean ownsPath() {
        return true;
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        var target = ProxyTarget.of(call);
        exchange.note(Note.PORT, Integer.toString(target.port()));
        boolean upgrade = WebSocketOffer.isUpgrade(call.headers());
        if (upgrade) {
            WebSocketOffer.check(call, "proxy passes on WebSocket and no other protocol");
        }
        access.requirePort(call, target.port());
        var opened = access.ask(
                call,
                Use.of("proxy"),
                new Subject("sandboxes", call.name()),
                endpoint -> new ProxySession.Opened(
                        new PortHttp(
                                client.tunnel(endpoint, Caller.of(call.user().name()), target.port())),
                        endpoint.incarnation()));
        new ProxySession(call, exchange, target, opened, access).run(upgrade);
    }
}
