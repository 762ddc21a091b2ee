package io.agenttier.apiserver.route;

import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;

/** A subresource that answers with what it saw, and remembers it. */
final class Echo implements Subresource {
    final LinkedBlockingQueue<Call> calls = new LinkedBlockingQueue<>();
    private final String name;
    private final Set<String> methods;

    Echo(String name, String... methods) {
        this.name = name;
        this.methods = Set.of(methods);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<String> methods() {
        return methods;
    }

    @Override
    public String kind() {
        return "SandboxExecRequest";
    }

    @Override
    public void serve(Call call, Exchange exchange) {
        calls.add(call);
        exchange.note("process", "exec-1");
        exchange.answer(Answers.text(
                200, call.user().name() + " " + call.method() + " " + call.namespace() + "/" + call.name()));
    }
}
