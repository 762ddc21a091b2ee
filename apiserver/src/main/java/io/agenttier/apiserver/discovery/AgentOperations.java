package io.agenttier.apiserver.discovery;

import io.agenttier.apiserver.discovery.Operation.Parameter;
import io.agenttier.apiserver.discovery.Operation.Reply;
import io.agenttier.apiserver.resource.SandboxInvokeRequest;
import java.util.List;
import java.util.Map;

/** Descriptions of what only sandboxes in agent mode serve. */
final class AgentOperations {
    private static final String JSON = "application/json";
    private static final String EVENTS = "text/event-stream";
    private static final Reply CONTINUED =
            new Reply("It still runs: go on by log.", Map.of(JSON, "SandboxProcessContinued"));

    private static final Parameter TIMEOUT = Parameter.text(
            "timeout",
            "When kube-apiserver cuts the call, for example 30s; at most 60s. The answer ends before that, and its client goes on by log.");

    static final List<Operation> ALL = List.of(
            new Operation(
                    "configure",
                    "POST",
                    "Writes the files of an agent, installs it and sets what invocations run. The same again is skipped.",
                    List.of(TIMEOUT),
                    Map.of(JSON, "SandboxConfigureRequest"),
                    Map.of(
                            200,
                            new Reply(
                                    "How it ended; see installExitCode.",
                                    Map.of(JSON, "SandboxConfigureResponse", EVENTS, Operation.BYTES)),
                            202,
                            CONTINUED)),
            new Operation(
                    "invoke",
                    "POST",
                    "Runs the entrypoint once with the body as standard input. One JSON document, or events while it runs. "
                            + "Header Idempotency-Key makes a repeated call the same invocation.",
                    List.of(
                            TIMEOUT,
                            Parameter.text("invokeTimeout", "A duration such as 5m, below the limit of the sandbox."),
                            Parameter.choice(
                                    "onDisconnect",
                                    "Whether a client that leaves ends the invocation, 10 s later. Default cancel.",
                                    "cancel",
                                    "keep"),
                            Parameter.choice(
                                    "onFull",
                                    "What happens when the output's quota is reached and nobody reads. Default drop.",
                                    "wait",
                                    "drop")),
                    Map.of(
                            "application/octet-stream",
                            Operation.BYTES,
                            SandboxInvokeRequest.MEDIA_TYPE,
                            "SandboxInvokeRequest"),
                    Map.of(
                            200,
                            new Reply("It has ended.", Map.of(JSON, "SandboxInvokeResponse", EVENTS, Operation.BYTES)),
                            202,
                            CONTINUED)));

    private AgentOperations() {}
}
