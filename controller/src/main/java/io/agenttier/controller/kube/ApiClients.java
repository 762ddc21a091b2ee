package io.agenttier.controller.kube;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the API server: one for watches, which stay open, one for single requests, which are bounded, and one for the Lease, which
 * must not wait for either. All notice a dead connection by pings.
 */
public final class ApiClients {
    /** A watch that died without a word is noticed within this time. */
    private static final Duration PING = Duration.ofSeconds(30);

    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

    /** A renewal of the Lease that takes longer is better tried again. */
    private static final Duration LEASE_TIMEOUT = Duration.ofSeconds(3);

    private final ApiClient watches;
    private final ApiClient calls;
    private final ApiClient lease;

    private ApiClients(ApiClient watches, ApiClient calls, ApiClient lease) {
        this.watches = watches;
        this.calls = calls;
        this.lease = lease;
    }

    /**
     * Connects as the pod's ServiceAccount, or as a kubeconfig says.
     *
     * @param kubeconfig path of a kubeconfig, for runs outside a cluster
     * @throws IOException if the kubeconfig or the mounted credentials cannot be read
     */
    public static ApiClients connect(@Nullable String kubeconfig) throws IOException {
        return new ApiClients(
                build(kubeconfig, Duration.ZERO), build(kubeconfig, CALL_TIMEOUT), build(kubeconfig, LEASE_TIMEOUT));
    }

    public ApiClient watches() {
        return watches;
    }

    public ApiClient calls() {
        return calls;
    }

    public ApiClient lease() {
        return lease;
    }

    private static ApiClient build(@Nullable String kubeconfig, Duration timeout) throws IOException {
        var builder = kubeconfig == null ? ClientBuilder.cluster() : fromFile(Path.of(kubeconfig));
        var client = builder.setPingInterval(PING).setReadTimeout(timeout).build();
        client.setHttpClient(
                client.getHttpClient().newBuilder().callTimeout(timeout).build());
        return client;
    }

    private static ClientBuilder fromFile(Path path) throws IOException {
        try (var reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            var config = KubeConfig.loadKubeConfig(reader);
            config.setFile(path.toFile());
            return ClientBuilder.kubeconfig(config);
        }
    }
}
