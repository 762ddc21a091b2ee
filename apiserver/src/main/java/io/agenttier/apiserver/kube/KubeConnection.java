package io.agenttier.apiserver.kube;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/**
 * Clients of kube-apiserver: in a pod by its ServiceAccount, elsewhere by {@code KUBECONFIG}.
 *
 * @param calls for short calls; each ends within 10 s
 * @param watches without a limit on reads, kept alive by pings
 */
public record KubeConnection(ApiClient calls, ApiClient watches) {
    /** Reviews come in bursts, one a request in the worst case; the client's default of 5 a host would queue them. */
    private static final int MOST_CALLS = 1000;

    /** @throws IOException if there is neither a ServiceAccount nor a kubeconfig that can be read */
    public static KubeConnection open() throws IOException {
        return new KubeConnection(
                client(ClientBuilder.standard()
                        .setReadTimeout(Duration.ofSeconds(10))
                        .build()),
                client(ClientBuilder.standard().setReadTimeout(Duration.ZERO).build()));
    }

    private static ApiClient client(ApiClient client) {
        var dispatcher = new Dispatcher();
        dispatcher.setMaxRequests(MOST_CALLS);
        dispatcher.setMaxRequestsPerHost(MOST_CALLS);
        OkHttpClient http = client.getHttpClient()
                .newBuilder()
                .dispatcher(dispatcher)
                .connectionPool(new ConnectionPool(64, 5, TimeUnit.MINUTES))
                .connectTimeout(Duration.ofSeconds(5))
                .pingInterval(Duration.ofSeconds(30))
                .build();
        client.setHttpClient(http);
        client.setUserAgent("agenttier-apiserver");
        return client;
    }
}
