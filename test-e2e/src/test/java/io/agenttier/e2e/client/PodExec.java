package io.agenttier.e2e.client;

import io.kubernetes.client.Exec;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code pods/exec} by the official Java client: the reference that our path is measured beside. */
public final class PodExec {
    private final Exec exec;
    private final String namespace;
    private final String pod;

    public PodExec(Path kubeconfig, String namespace, String pod) throws IOException {
        try (var reader = Files.newBufferedReader(kubeconfig)) {
            this.exec = new Exec(
                    ClientBuilder.kubeconfig(KubeConfig.loadKubeConfig(reader)).build());
        }
        this.namespace = namespace;
        this.pod = pod;
    }

    /** Runs argv to its end and gives its exit code. */
    public int run(String... argv) throws IOException, ApiException, InterruptedException {
        var process = exec.exec(namespace, pod, argv, false, false);
        try (var out = process.getInputStream()) {
            out.readAllBytes();
            return process.waitFor();
        } finally {
            process.destroy();
        }
    }
}
