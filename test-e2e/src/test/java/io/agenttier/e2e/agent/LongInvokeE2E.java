package io.agenttier.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.agenttier.e2e.client.ApiserverReplicas;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A long invocation arrives whole: by hand, by SDK and by plugin, through three restarts of the apiserver and one of kube-apiserver. */
@Tag("disruptive")
@Timeout(3600)
@ExtendWith(ClusterExtension.class)
class LongInvokeE2E {
    private static final Counting WORK = new Counting(Size.of(90, 600), Size.of(2_913, 27_963));

    @AfterEach
    void allIsBack(TestNamespace namespace) {
        namespace.cluster().awaitApiserver();
    }

    @Test
    void everyByteAndTheExitCodeArriveThroughRestarts(TestNamespace namespace) throws Exception {
        assumeThat(namespace.cluster().nodeIsThisMachine())
                .as("kube-apiserver is a process of this machine")
                .isTrue();
        var sandboxes = List.of(agent(namespace), agent(namespace), agent(namespace));
        var byHand = new LongReader(sandboxes.getFirst(), "long", WORK);
        var sdk = sandboxes.get(1).sandbox();
        var plugin = sandboxes.get(2).sandbox();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var ends = new ArrayList<Future<String>>();
            var told = List.<Callable<String>>of(
                    byHand::read,
                    () -> CountingClients.invokeBySdk(namespace, sdk, WORK),
                    () -> CountingClients.invokeByPlugin(namespace, plugin, WORK));
            told.forEach(client -> ends.add(clients.submit(client)));
            await(byHand::isContinued, ends.getFirst());
            var replicas = new ApiserverReplicas(namespace);
            replicas.killAll();
            await(() -> byHand.hasSeen(0.6), ends.getFirst());
            replicas.roll();
            await(() -> byHand.hasSeen(0.7), ends.getFirst());
            replicas.killAll();
            await(() -> byHand.hasSeen(0.8), ends.getFirst());
            namespace.cluster().restartKubeApiserver();
            for (var agent : sandboxes) letGo(agent);
            var expected = WORK.expected();
            for (var end : ends) assertThat(end.get()).isEqualTo(expected);
        }
        System.out.printf(
                "long invocation: %d s, %d bytes by each of three clients; by hand with %d cuts%n",
                WORK.rounds(), WORK.stdoutBytes(), byHand.cuts());
    }

    private static void letGo(Agents agent) {
        var reply = agent.namespace()
                .api()
                .call("PUT", agent.path("files?path=" + Counting.GATE), new byte[0], "application/octet-stream");
        assertThat(reply.code()).as(reply.toString()).isBetween(200, 201);
    }

    private static Agents agent(TestNamespace namespace) {
        var agents = Agents.ready(namespace);
        agents.configure(Agents.program(Counting.PROGRAM));
        return agents;
    }

    /** Returns when this holds, or its reader has failed. */
    private static void await(BooleanSupplier condition, Future<String> end)
            throws ExecutionException, InterruptedException {
        while (!condition.getAsBoolean()) {
            if (end.isDone()) throw new AssertionError("it ended early: " + end.get());
            LockSupport.parkNanos(50_000_000);
        }
    }
}
