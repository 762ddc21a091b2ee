package io.agenttier.apiserver.resource;

import io.agenttier.api.port.PreviewHosts;
import io.agenttier.apiserver.auth.Authorizer;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.sandboxd.Endpoint;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.telemetry.AgentMetrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All subresources of {@code sandboxes}, in the order of their names. */
public final class SandboxSubresources {
    private SandboxSubresources() {}

    /**
     * @param budget for large bodies and answers
     * @param authorizer for rights beyond that of the call itself
     * @param clock for what is written with a time
     * @param previews null where http ports are shown to nobody outside
     * @param startDeadline longest wait for a sandbox that a call starts
     * @param agentRecords where configurations are kept
     */
    public static List<Subresource> all(
            Sandboxes sandboxes,
            Power power,
            Ports ports,
            @Nullable PreviewHosts previews,
            SandboxdClient client,
            Authorizer authorizer,
            ResourceLimits limits,
            MemoryBudget budget,
            InstantSource clock,
            Activity activity,
            SandboxEvents events,
            Duration startDeadline,
            AgentRecords agentRecords,
            AgentLimits agentLimits,
            AgentMetrics agentMetrics) {
        var access = new SandboxAccess(
                sandboxes,
                Endpoint.PORT,
                new FairTurns(limits.startsAtOnce()),
                activity,
                new AutoResume(sandboxes, power, authorizer, clock, startDeadline));
        var source = new LiveOutput.Source(access, client, clock, LiveOutput.PAUSES);
        var rights = new ProcessRights(authorizer);
        var agents = new AgentAccess(sandboxes);
        return List.of(
                new ArchiveResource(source, limits.archiveBytes()),
                new AttachResource(
                        access, client, rights, limits.terminalRetention(), new TerminalViewing(events, clock)),
                new ConfigureResource(
                        agents,
                        source,
                        agentLimits,
                        budget,
                        new ConfigureRecord(agents, source, agentRecords, agentLimits, events, agentMetrics)),
                new ExecResource(source, limits, budget),
                new FilesResource(access, client, limits.fileBytes()),
                new InvokeResource(agents, source, agentLimits, budget, new InvokeRecord(source, events, agentMetrics)),
                new LogResource(source, rights, new InstallLog(sandboxes, source, agentRecords)),
                new PortForwardResource(access, client),
                new PortsResource(ports, previews),
                new ProcessesResource(access, client),
                new ProxyResource(access, client),
                new PowerResource(PowerResource.Direction.RESUME, sandboxes, power, clock),
                new PowerResource(PowerResource.Direction.STOP, sandboxes, power, clock));
    }
}
