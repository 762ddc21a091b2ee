package io.agenttier.e2e.cluster;

import com.dajudge.kindcontainer.KindContainer;
import com.dajudge.kindcontainer.KindContainerVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.utility.MountableFile;

/** The one cluster of a test run, brought up at first use and shared by every class. */
final class Clusters {
    private static final Path KUBECONFIG = Path.of("build/cluster/kubeconfig");
    private static final List<String> IMAGES =
            List.of("apiserver", "controller", "sandboxd", "sandbox-minimal", "test-busybox", "test-static");

    private Clusters() {}

    /** Holder idiom: the JVM makes it once, whichever test thread comes first. */
    private static final class Shared {
        static final Cluster CLUSTER = bringUp(ClusterChoice.of(machine()));
    }

    static Cluster shared() {
        return Shared.CLUSTER;
    }

    private static ClusterChoice.Machine machine() {
        var kubeconfig = Optional.of(KUBECONFIG).filter(Files::exists);
        // asking for an engine costs seconds, so only where the answer matters
        var engine = kubeconfig.isEmpty() && DockerClientFactory.instance().isDockerAvailable();
        return new ClusterChoice.Machine(
                Optional.ofNullable(System.getenv("CLUSTER")).orElse("auto"),
                kubeconfig,
                engine,
                "root".equals(System.getProperty("user.name")));
    }

    private static Cluster bringUp(ClusterChoice choice) {
        return switch (choice) {
            case ClusterChoice.Running running ->
                new Cluster(running.kubeconfig().toAbsolutePath());
            case ClusterChoice.Kind _ -> kind();
            case ClusterChoice.Local _ -> {
                Command.run("make", "test-images", "cluster", "deploy", "plugin", "NODES=2")
                        .orThrow();
                Command.run("test-e2e/local/cluster.sh", "load", "test-busybox", "test-static")
                        .orThrow();
                yield new Cluster(KUBECONFIG.toAbsolutePath());
            }
            case ClusterChoice.None none -> throw new IllegalStateException(none.why());
        };
    }

    /** A kind node in a container of this test run; Testcontainers removes it when the JVM ends. */
    private static Cluster kind() {
        Command.run("make", "test-images", "plugin").orThrow();
        Command.run("test-e2e/local/chart.sh").orThrow();
        Command.run("test-e2e/local/cluster.sh", "tools").orThrow();
        var node = new KindContainer<>(KindContainerVersion.VERSION_1_34_0);
        node.start();
        try {
            for (var image : IMAGES) {
                var archive = "/" + image + ".tar";
                node.copyFileToContainer(MountableFile.forHostPath(Path.of("build/images", image + ".tar")), archive);
                var imported = node.execInContainer("ctr", "-n", "k8s.io", "images", "import", archive);
                if (imported.getExitCode() != 0) throw new IllegalStateException(imported.getStderr());
            }
            var kubeconfig = Files.createTempFile("agenttier-kind", ".kubeconfig");
            Files.writeString(kubeconfig, node.getKubeconfig());
            Command.run(
                            "build/bin/helm",
                            "--kubeconfig=" + kubeconfig,
                            "upgrade",
                            "--install",
                            "agenttier",
                            "build/chart/agenttier",
                            "--namespace=agenttier",
                            "--create-namespace",
                            "--set=global.registry=localhost/agenttier,global.tag=dev",
                            "--wait")
                    .orThrow();
            // Helm waits for pods, not for kube-apiserver's own look at them
            Command.run(
                            "build/bin/kubectl",
                            "--kubeconfig=" + kubeconfig,
                            "wait",
                            "--for=condition=Available",
                            "apiservice/subresources-v1alpha1.agenttier.io",
                            "--timeout=60s")
                    .orThrow();
            return new Cluster(kubeconfig);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while kind came up", e);
        }
    }
}
