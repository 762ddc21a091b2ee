package io.agenttier.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * Argo CD as three processes on this machine: redis, repo server and application controller. The controller works on the cluster as its
 * administrator, on Applications in namespace {@code argocd}; the repo server reads git repositories from this machine's files.
 */
public final class ArgoCd implements AutoCloseable {
    public static final String NAMESPACE = "argocd";
    private static final String MODULE = "github.com/argoproj/argo-cd/v3";

    private final Cluster cluster;
    private final Path home;
    private final List<Process> processes = new ArrayList<>();

    private ArgoCd(Cluster cluster, Path home) {
        this.cluster = cluster;
        this.home = home;
    }

    /**
     * Builds it if no run has before, prepares the cluster as the installation does, with our health checks, and starts it.
     *
     * @param home an empty folder, for its logs, keys and clones
     */
    public static ArgoCd start(Cluster cluster, Path home) throws IOException {
        var argo = new ArgoCd(cluster, home);
        try {
            argo.prepareCluster();
            argo.startProcesses();
            return argo;
        } catch (IOException | RuntimeException e) {
            argo.close();
            throw e;
        }
    }

    /** The last lines of each log. */
    public String logs() {
        try (var files = Files.list(home)) {
            var text = new StringBuilder();
            for (var log :
                    files.filter(file -> file.toString().endsWith(".log")).toList()) {
                var lines = Files.readAllLines(log);
                text.append(log.getFileName()).append('\n');
                lines.subList(Math.max(0, lines.size() - 30), lines.size())
                        .forEach(line -> text.append(line).append('\n'));
            }
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the processes and removes what the cluster got; call it when no Application is left. */
    @Override
    public void close() {
        processes.reversed().forEach(Process::destroy);
        for (var process : processes) {
            try {
                if (!process.waitFor(20, TimeUnit.SECONDS)) process.destroyForcibly();
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        cluster.kubectl().run("delete", "namespace", NAMESPACE, "--wait=false", "--ignore-not-found");
    }

    private void prepareCluster() {
        var module = last(
                Command.run("go", "list", "-C", "test-e2e/cluster/components/argocd", "-m", "-f", "{{.Dir}}", MODULE));
        var crds = Path.of(module, "manifests/crds");
        for (var crd : List.of("application-crd.yaml", "applicationset-crd.yaml", "appproject-crd.yaml")) {
            cluster.kubectl()
                    .run(
                            "apply",
                            "--server-side",
                            "--force-conflicts",
                            "-f",
                            crds.resolve(crd).toString())
                    .orThrow();
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> cluster.kubectl()
                                .run("get", "applications,appprojects", "-A")
                                .code()
                        == 0);
        cluster.kubectl().with("""
                        apiVersion: v1
                        kind: Namespace
                        metadata: {name: argocd}
                        ---
                        apiVersion: v1
                        kind: Secret
                        metadata: {name: argocd-secret, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}}
                        stringData: {server.secretkey: only-for-tests}
                        ---
                        apiVersion: argoproj.io/v1alpha1
                        kind: AppProject
                        metadata: {name: default, namespace: argocd}
                        spec:
                          sourceRepos: ["*"]
                          destinations: [{namespace: "*", server: "*"}]
                          clusterResourceWhitelist: [{group: "*", kind: "*"}]
                        """).run("apply", "-f", "-").orThrow();
        cluster.kubectl()
                .run("apply", "--server-side", "--field-manager=agenttier-health", "-f", "deploy/argocd/argocd-cm.yaml")
                .orThrow();
    }

    private void startProcesses() throws IOException {
        var program = last(Command.run("go", "run", "-C", "test-e2e/cluster", ".", "components", "--group", "argocd"))
                + "/argocd";
        var redis = freePort();
        var repoServer = freePort();
        start("redis", Map.of(), "redis-server", "--bind", "127.0.0.1", "--port", redis, "--save", "");
        start(
                "repo-server",
                Map.of("ARGOCD_BINARY_NAME", "argocd-repo-server"),
                program,
                "--disable-tls",
                "--address=127.0.0.1",
                "--port=" + repoServer,
                "--metrics-port=" + freePort(),
                "--redis=127.0.0.1:" + redis);
        start(
                "application-controller",
                Map.of("ARGOCD_BINARY_NAME", "argocd-application-controller", "ARGOCD_CONTROLLER_SHARD", "0"),
                program,
                "--kubeconfig=" + cluster.kubeconfig(),
                "--namespace=" + NAMESPACE,
                "--repo-server=127.0.0.1:" + repoServer,
                "--repo-server-plaintext",
                "--redis=127.0.0.1:" + redis,
                "--metrics-port=" + freePort(),
                "--app-resync=3",
                "--app-resync-jitter=0",
                "--persist-resource-health");
    }

    private void start(String name, Map<String, String> variables, String... command) throws IOException {
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve(name + ".log").toFile());
        builder.environment().putAll(environment());
        builder.environment().putAll(variables);
        processes.add(builder.start());
    }

    /** Argo CD calls kustomize by name; kubectl has it built in. */
    private Map<String, String> environment() throws IOException {
        var programs = Files.createDirectories(home.resolve("bin"));
        var kustomize = programs.resolve("kustomize");
        if (!Files.exists(kustomize)) {
            Files.writeString(
                    kustomize, "#!/bin/sh\n[ \"$1\" = build ] && shift && exec kubectl kustomize \"$@\"\nexit 2\n");
            Files.setPosixFilePermissions(kustomize, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        var environment = new HashMap<String, String>();
        environment.put("KUBECONFIG", cluster.kubeconfig().toString());
        environment.put("PATH", programs + ":" + Path.of("build/bin").toAbsolutePath() + ":" + System.getenv("PATH"));
        environment.put("HOME", home.toString());
        environment.put("TMPDIR", Files.createDirectories(home.resolve("tmp")).toString());
        environment.put("ARGOCD_FAKE_IN_CLUSTER", "true");
        environment.put("ARGOCD_GPG_ENABLED", "false");
        for (var folder : List.of("TLS", "SSH")) {
            environment.put(
                    "ARGOCD_" + folder + "_DATA_PATH",
                    Files.createDirectories(home.resolve(folder)).toString());
        }
        environment.put(
                "ARGOCD_PLUGINSOCKFILEPATH",
                Files.createDirectories(home.resolve("plugins")).toString());
        return environment;
    }

    private static String last(Command.Result result) {
        return result.orThrow().stdout().strip().lines().reduce("", (_, line) -> line);
    }

    private static String freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Integer.toString(socket.getLocalPort());
        }
    }
}
