package io.agenttier.apiserver.resource;

import io.agenttier.api.AgentConfigure;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what is recorded in memory. */
final class FakeAgentRecords implements AgentRecords {
    final List<AgentConfigure> written = new CopyOnWriteArrayList<>();
    volatile Optional<String> log = Optional.empty();

    @Override
    public void write(SandboxState sandbox, AgentConfigure configured) {
        written.add(configured);
    }

    @Override
    public String keepLog(SandboxState sandbox, String text) {
        log = Optional.of(text);
        return sandbox.name() + "-install-log";
    }

    @Override
    public Optional<String> log(SandboxState sandbox) {
        return log;
    }
}
