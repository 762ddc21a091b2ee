package io.agenttier.e2e.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.agenttier.controller.effect.Effect;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Connections to kube-apiserver that die without a word, as behind a firewall that forgets them. */
@Tag("disruptive")
@Timeout(300)
@ExtendWith(ClusterExtension.class)
class StalledWatchE2E {
    /** Twice the interval of pings, and a list of everything. */
    private static final Duration LIMIT = Duration.ofSeconds(100);

    @Test
    void aWatchThatDiedWithoutAWordIsBegunAnew(TestNamespace namespace, @TempDir Path folder) throws Exception {
        var cluster = namespace.cluster();
        assumeThat(cluster.nodeIsThisMachine())
                .as("pods whose network this machine can lend")
                .isTrue();
        var before = new Subject(cluster.api(), namespace.name() + "-before");
        var after = new Subject(cluster.api(), namespace.name() + "-after");
        before.createNamespace();
        after.createNamespace();
        try (var standIn = new StandIn(cluster, folder)) {
            standIn.takeOver();
            try (var proxy = standIn.proxy();
                    var controller = standIn.start(proxy)) {
                before.create("{}");
                awaitPod(before, controller);
                assertThat(proxy.freeze()).as("connections that were frozen").isPositive();
                after.create("{}");
                awaitPod(after, controller);
                assertThat(controller.isAlive())
                        .as("by itself, without a restart")
                        .isTrue();
            }
        } finally {
            cluster.api().delete("/api/v1/namespaces/" + before.namespace());
            cluster.api().delete("/api/v1/namespaces/" + after.namespace());
        }
    }

    private static void awaitPod(Subject subject, ControllerProcess controller) {
        Awaitility.await("the controller sees the sandbox of " + subject.namespace())
                .atMost(LIMIT)
                .failFast(() -> assertThat(controller.isAlive())
                        .as(controller.lastLines())
                        .isTrue())
                .until(() -> controller.visits().stream()
                        .anyMatch(visit -> visit.effect() == Effect.CREATE_POD
                                && visit.target().contains("/" + subject.namespace() + "/")));
    }
}
