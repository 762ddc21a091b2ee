package io.agenttier.apiserver.route;

import java.io.IOException;
import java.util.Set;

/** A subresource that is read with GET and does what a test says. */
record Scripted(String name, Script script) implements Subresource {
    interface Script {
        void serve(Call call, Exchange exchange) throws IOException;
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET");
    }

    @Override
    public String kind() {
        return "SandboxLog";
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        script.serve(call, exchange);
    }
}
