package io.agenttier.controller.kube;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the API server: one for watches, which stay open, one for single requests, which are bounded, and one for the Lease, which
 * must not wait for either. All notice a dead connection by pings. A watch whose connection lives but tells nothing is given up as well: the server
 * is asked to end each after a while, so longer silence means that something is broken. Bookmarks would tell the same, but the Java client cannot
 * read the one of a pod.
 */
public final class ApiClients {
    /** A connection that died without a word is noticed within twice this time. */
    private static final Duration PING = Duration.ofSeconds(30);

    /** After so long the server ends a watch, and the next goes on where it was. */
    private static final Duration WATCH = Duration.ofMinutes(2);

    /** A watch that was told nothing for so long, not even its end, is begun anew. */
    private static final Duration SILENCE = WATCH.plusSeconds(30);

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
                watching(builder(kubeconfig).build(), SILENCE),
                bounded(builder(kubeconfig).build(), CALL_TIMEOUT),
                bounded(builder(kubeconfig).build(), LEASE_TIMEOUT));
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

    private static ClientBuilder builder(@Nullable String kubeconfig) throws IOException {
        var builder = kubeconfig == null ? ClientBuilder.cluster() : fromFile(Path.of(kubeconfig));
        return builder.setPingInterval(PING);
    }

    /** For lists and watches that end when nothing comes for {@code silence}; the informers begin them anew. */
    static ApiClient watching(ApiClient client, Duration silence) {
        // the informers' factory refuses a client with a read timeout of its own
        client.setHttpClient(client.getHttpClient()
                .newBuilder()
                .readTimeout(Duration.ZERO)
                .addInterceptor(chain -> noticing(chain, silence))
                .build());
        return client;
    }

    private static ApiClient bounded(ApiClient client, Duration limit) {
        client.setHttpClient(client.getHttpClient()
                .newBuilder()
                .readTimeout(limit)
                .callTimeout(limit)
                .build());
        return client;
    }

    /** The informers would have the server end a watch after five to ten minutes. */
    private static Response noticing(Interceptor.Chain chain, Duration silence) throws IOException {
        var limited = chain.withReadTimeout(Math.toIntExact(silence.toMillis()), TimeUnit.MILLISECONDS);
        var request = chain.request();
        if (!"true".equals(request.url().queryParameter("watch"))) {
            return limited.proceed(request);
        }
        var url = request.url()
                .newBuilder()
                .setQueryParameter("timeoutSeconds", Long.toString(WATCH.toSeconds()))
                .build();
        return limited.proceed(request.newBuilder().url(url).build());
    }

    private static ClientBuilder fromFile(Path path) throws IOException {
        try (var reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            var config = KubeConfig.loadKubeConfig(reader);
            config.setFile(path.toFile());
            return ClientBuilder.kubeconfig(config);
        }
    }
}
