package io.agenttier.apiserver.resource;

import io.agenttier.api.AgentConfigure;
import java.io.IOException;
import java.util.Optional;

/** What is kept of a configuration outside its sandbox. Every method blocks. */
public interface AgentRecords {
    /** Writes {@code status.agentConfigure} of exactly this sandbox. */
    void write(SandboxState sandbox, AgentConfigure configured) throws IOException;

    /**
     * Keeps the end of an installation's output.
     *
     * @return name of the ConfigMap that has it
     */
    String keepLog(SandboxState sandbox, String log) throws IOException;

    /** What {@link #keepLog} kept last; empty if nothing. */
    Optional<String> log(SandboxState sandbox) throws IOException;
}
