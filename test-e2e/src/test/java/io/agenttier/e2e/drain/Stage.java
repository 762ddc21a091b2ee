package io.agenttier.e2e.drain;

import io.agenttier.e2e.agent.Agents;
import io.agenttier.e2e.agent.Counting;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

/** One sandbox: an agent that counts, and a process and a terminal that count in the same way, each until {@link #letEnd}. */
record Stage(Agents agent, Counting work) {
    static final String PROCESS = "counter";
    static final String TERMINAL = "terminal";

    /** So many of them at once, Ready; both processes run. */
    static List<Stage> open(TestNamespace namespace, Counting work, int count, int invokes) throws Exception {
        try (var lanes = Executors.newVirtualThreadPerTaskExecutor()) {
            var opening = new ArrayList<Callable<Stage>>();
            for (var i = 0; i < count; i++) opening.add(() -> open(namespace, work, invokes));
            var stages = new ArrayList<Stage>();
            for (var stage : lanes.invokeAll(opening)) stages.add(stage.get());
            return stages;
        }
    }

    private static Stage open(TestNamespace namespace, Counting work, int invokes) {
        var agent = Agents.ready(
                namespace, "storage: {size: 1Gi}", "harness:", "  agent:", "    maxConcurrentInvokes: " + invokes);
        agent.configure(Agents.program(Counting.PROGRAM));
        return new Stage(agent, work);
    }

    /** Begins to count. */
    void start() {
        start(PROCESS, false);
        start(TERMINAL, true);
    }

    private void start(String name, boolean tty) {
        var body = Map.of("command", command(), "process", name, "tty", tty, "detach", true);
        var reply = agent.namespace().api().post(agent.path("exec"), body);
        if (reply.code() != 202) throw new AssertionError(reply.toString());
    }

    /** What counts. */
    List<String> command() {
        var command = new ArrayList<>(List.of("sh", "-c", Counting.PROGRAM, "count"));
        command.addAll(work.arguments());
        return command;
    }

    /** Whatever counts in it comes to its end. */
    void letEnd() {
        var reply = agent.namespace()
                .api()
                .call("PUT", agent.path("files?path=" + Counting.GATE), new byte[0], "application/octet-stream");
        if (reply.code() != 201 && reply.code() != 200) throw new AssertionError(reply.toString());
    }

    /** The beginning of what a process writes, whole lines or not. */
    static boolean isBeginning(String came, byte[] whole) {
        return new String(whole, StandardCharsets.US_ASCII).startsWith(came) && came.length() < whole.length;
    }
}
