package io.agenttier.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.Kubectl;
import io.agenttier.e2e.cluster.Cluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes the place of the deployed controller until it is closed: a pod with the controller's labels lends its network, so that controllers started
 * by this test on this machine have the same address rights; they call with a token of the controller's ServiceAccount.
 */
final class StandIn implements AutoCloseable {
    private static final String NAMESPACE = Installation.NAMESPACE;
    private static final String DEPLOYMENT = "deployment/agenttier-controller";
    private static final String POD = "controller-stand-in";

    private final Cluster cluster;
    private final Kubectl system;
    private final Path folder;
    private final int replicas;
    private final List<String> arguments;
    private String pid = "";
    private Path kubeconfig = Path.of("");

    /** @param folder for the kubeconfig */
    StandIn(Cluster cluster, Path folder) {
        this.cluster = cluster;
        this.folder = folder;
        this.system = cluster.kubectl().in(NAMESPACE);
        var deployment = cluster.api()
                .get("/apis/apps/v1/namespaces/" + NAMESPACE + "/deployments/agenttier-controller")
                .json();
        this.replicas = deployment.at("/spec/replicas").asInt();
        this.arguments = arguments(deployment);
    }

    /** Removes the deployed controller and takes its place. */
    void takeOver() {
        system.run("scale", DEPLOYMENT, "--replicas=0").orThrow();
        system.run("wait", "--for=delete", "pod", "-l", "app.kubernetes.io/component=controller", "--timeout=120s")
                .orThrow();
        system.with("""
                        apiVersion: v1
                        kind: Pod
                        metadata:
                          name: %s
                          labels: {app.kubernetes.io/name: agenttier, app.kubernetes.io/instance: agenttier, app.kubernetes.io/component: controller}
                        spec:
                          automountServiceAccountToken: false
                          terminationGracePeriodSeconds: 0
                          containers:
                            - name: idle
                              image: localhost/agenttier/test-busybox:dev
                              imagePullPolicy: IfNotPresent
                              command: [sleep, infinity]
                              securityContext:
                                runAsNonRoot: true
                                runAsUser: 65532
                                allowPrivilegeEscalation: false
                                capabilities: {drop: [ALL]}
                                seccompProfile: {type: RuntimeDefault}
                        """.formatted(POD)).run("apply", "-f", "-").orThrow();
        system.run("wait", "--for=condition=Ready", "pod/" + POD, "--timeout=60s")
                .orThrow();
        pid = pidOf(system.run("get", "pod", POD, "-o", "jsonpath={.metadata.uid}")
                .orThrow()
                .stdout());
        kubeconfig = writeKubeconfig(cluster.kubectl()
                .run("get", "service", "kubernetes", "-o", "jsonpath={.spec.clusterIP}:443")
                .orThrow()
                .stdout());
    }

    /** A controller that works as the deployed one does. */
    ControllerProcess start(String... more) {
        return start(ControllerChild.NO_FAULT, with(List.of(more)));
    }

    /** A controller that ends itself at {@code fault}. */
    ControllerProcess start(Fault fault) {
        return start(fault.argument(), with(List.of()));
    }

    /** A way to kube-apiserver from this machine. */
    FreezingProxy proxy() throws IOException {
        var server = URI.create(cluster.kubectl()
                .run("config", "view", "-o", "jsonpath={.clusters[0].cluster.server}")
                .orThrow()
                .stdout());
        return new FreezingProxy(new InetSocketAddress(server.getHost(), server.getPort()));
    }

    /** A controller that calls kube-apiserver through {@code proxy}, and can call no pods. */
    ControllerProcess start(FreezingProxy proxy) {
        cluster.api().delete(Installation.LEASE);
        return process(
                List.of(),
                ControllerChild.NO_FAULT,
                with(List.of("--leader-elect=false")),
                writeKubeconfig("127.0.0.1:" + proxy.port()));
    }

    /**
     * The job that a removal of the installation runs, as the administrator: the chart makes the rights of its own only then.
     *
     * @param fault where it ends itself, as an argument of {@link ControllerChild}
     */
    ControllerProcess uninstall(String fault) {
        return process(
                List.of(),
                fault,
                List.of("uninstall", "--api-service=subresources-v1alpha1.agenttier.io"),
                cluster.kubeconfig());
    }

    private ControllerProcess start(String fault, List<String> arguments) {
        cluster.api().delete(Installation.LEASE); // else it first waits for the end of that of the one before
        return process(List.of("nsenter", "--net=/proc/" + pid + "/ns/net"), fault, arguments, kubeconfig);
    }

    private ControllerProcess process(List<String> wrapper, String fault, List<String> arguments, Path connection) {
        var command = new ArrayList<>(wrapper);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ControllerChild.class.getName(),
                fault));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command);
        builder.environment().put("KUBECONFIG", connection.toString());
        return new ControllerProcess(builder);
    }

    /** The deployed arguments; {@code more} and what cannot be shared on one machine replaces them. */
    private List<String> with(List<String> more) {
        var own = new ArrayList<>(List.of("--metrics-port=0", "--health-port=0", "--node-loss-deadline=1s"));
        own.addAll(more);
        var names = own.stream().map(StandIn::key).toList();
        arguments.stream().filter(a -> !names.contains(key(a))).forEach(own::add);
        return own;
    }

    @Override
    public void close() {
        system.run("delete", "pod", POD, "--ignore-not-found", "--wait=false");
        cluster.api().delete(Installation.LEASE);
        system.run("scale", DEPLOYMENT, "--replicas=" + replicas).orThrow();
        system.run("rollout", "status", DEPLOYMENT, "--timeout=120s").orThrow();
    }

    private static String key(String argument) {
        return argument.split("=", 2)[0];
    }

    private static List<String> arguments(JsonNode deployment) {
        var arguments = new ArrayList<String>();
        deployment
                .at("/spec/template/spec/containers/0/args")
                .forEach(a -> arguments.add(a.asText().replace("$(POD_NAMESPACE)", NAMESPACE)));
        return arguments;
    }

    /** Any process of the pod with that uid. */
    private static String pidOf(String uid) {
        try (var processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process -> read(process.resolve("cgroup")).contains("/pod" + uid))
                    .map(process -> process.getFileName().toString())
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // ended meanwhile, or no process
        }
    }

    private Path writeKubeconfig(String address) {
        var token = system.run("create", "token", "agenttier-controller", "--duration=2h")
                .orThrow()
                .stdout()
                .strip();
        var authority = system.run(
                        "get",
                        "configmap",
                        "kube-root-ca.crt",
                        "-o",
                        "go-template={{index .data \"ca.crt\" | printf \"%s\"}}")
                .orThrow()
                .stdout();
        try {
            var ca = Files.writeString(folder.resolve("ca.crt"), authority);
            return Files.writeString(
                    folder.resolve("kubeconfig-" + address.replace(':', '-')), """
                    apiVersion: v1
                    kind: Config
                    current-context: it
                    contexts: [{name: it, context: {cluster: it, user: it}}]
                    clusters: [{name: it, cluster: {server: "https://%s", certificate-authority: "%s"}}]
                    users: [{name: it, user: {token: "%s"}}]
                    """.formatted(address, ca, token));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
