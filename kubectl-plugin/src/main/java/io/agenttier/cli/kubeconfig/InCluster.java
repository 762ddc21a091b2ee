package io.agenttier.cli.kubeconfig;

import io.agenttier.cli.transport.ServerAddress;
import io.agenttier.cli.transport.Target;
import io.agenttier.cli.transport.Trust;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The account of the pod that we run in, as the kubelet mounts it. */
final class InCluster {
    private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    private InCluster() {}

    static boolean isHere(Map<String, String> environment) {
        return !environment.getOrDefault("KUBERNETES_SERVICE_HOST", "").isEmpty()
                && !environment.getOrDefault("KUBERNETES_SERVICE_PORT", "").isEmpty()
                && Files.exists(ACCOUNT.resolve("token"));
    }

    static Access access(ConnectionFlags flags, Map<String, String> environment) throws KubeconfigException {
        var host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
        var port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "");
        ServerAddress server;
        try {
            server = new ServerAddress(true, host, Integer.parseInt(port), "");
        } catch (NumberFormatException e) {
            throw new KubeconfigException("KUBERNETES_SERVICE_PORT is \"%s\", expected a port".formatted(port), e);
        }
        var authority = ACCOUNT.resolve("ca.crt");
        var trust = flags.insecureSkipTlsVerify()
                ? new Trust.Anyone()
                : new Trust.Authorities(SmallFile.read(authority, "the pod's account"), authority.toString());
        var namespace = ACCOUNT.resolve("namespace");
        var user = new Entry("the pod's account", ACCOUNT, Map.of("tokenFile", "token"));
        return new Access(
                new Target(server, trust, null, null),
                new UserCredential(user, environment, false, user, server).source(flags),
                flags.namespace() != null
                        ? flags.namespace()
                        : Files.exists(namespace)
                                ? SmallFile.read(namespace, "the pod's account").strip()
                                : "default");
    }
}
