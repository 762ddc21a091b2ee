package io.agenttier.apiserver.kube;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/**
 * Clients of kube-apiserver: in a pod by its ServiceAccount, elsewhere by {@code KUBECONFIG}.
 *
 * @param calls for short calls; each ends within 10 s
 * @param watches for lists and watches that stay open; a connection that is dead, or tells nothing, is given up
 */
public record KubeConnection(ApiClient calls, ApiClient watches) {
    /** Reviews come in bursts, one a request in the worst case; the client's default of 5 a host would queue them. */
    private static final int MOST_CALLS = 1000;

    private static final Duration CALL = Duration.ofSeconds(10);

    /** After so long the server ends a watch, and the next goes on where it was. */
    private static final Duration WATCH = Duration.ofMinutes(2);

    /** A watch that was told nothing for so long, not even its end, is begun anew. */
    private static final Duration SILENCE = WATCH.plusSeconds(30);

    /** @throws IOException if there is neither a ServiceAccount nor a kubeconfig that can be read */
    public static KubeConnection open() throws IOException {
        return new KubeConnection(
                calling(client(ClientBuilder.standard().build()), CALL),
                watching(client(ClientBuilder.standard().build()), SILENCE));
    }

    /** Its calls end within {@code limit}, even those whose answer comes byte by byte, and are answered where they were asked. */
    static ApiClient calling(ApiClient client, Duration limit) {
        client.setHttpClient(client.getHttpClient()
                .newBuilder()
                .readTimeout(limit)
                .callTimeout(limit)
                .followRedirects(false)
                .build());
        return client;
    }

    static ApiClient watching(ApiClient client, Duration silence) {
        client.setHttpClient(client.getHttpClient()
                .newBuilder()
                .readTimeout(silence)
                .addInterceptor(KubeConnection::withAnEnd)
                .build());
        return client;
    }

    /** The informers would have it end after five to ten minutes. */
    private static Response withAnEnd(Interceptor.Chain chain) throws IOException {
        var url = chain.request().url();
        if (!"true".equals(url.queryParameter("watch"))) {
            return chain.proceed(chain.request());
        }
        return chain.proceed(chain.request()
                .newBuilder()
                .url(url.newBuilder()
                        .setQueryParameter("timeoutSeconds", Long.toString(WATCH.toSeconds()))
                        .build())
                .build());
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
