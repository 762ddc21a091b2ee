package io.agenttier.apiserver.route;

import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;

/** A subresource that answers with what it saw, and remembers it. */
final class Echo implements Subresource {
    final LinkedBlockingQueue<Call> calls = new LinkedBlockingQueue<>();
    private final String name;
    private final Set<String> methods;
    private final boolean ownsPath;

    Echo(String name, String... methods) {
        this(name, false, methods);
    }

    private Echo(String name, boolean ownsPath, String... methods) {
        this.name = name;
        this.ownsPath = ownsPath;
        this.methods = Set.of(methods);
    }

    /** One that owns the path below its name. */
    static Echo deep(String name, String... methods) {
        return new Echo(name, true, methods);
    }

    @Override
    public boolean ownsPath() {
        return ownsPath;
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
        exchange.note(Note.PROCESS, "exec-1");
        exchange.answer(Answers.text(
                200, call.user().name() + " " + call.method() + " " + call.namespace() + "/" + call.name()));
    }
}
