package io.agenttier.e2e.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.jspecify.annotations.Nullable;

/** Plain HTTP to kube-apiserver with the administrator's certificate, or as somebody else by impersonation. */
public final class KubeApi {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String server;
    private final OkHttpClient client;
    private final Map<String, String> headers;

    private KubeApi(String server, OkHttpClient client, Map<String, String> headers) {
        this.server = server;
        this.client = client;
        this.headers = headers;
    }

    public static KubeApi of(Path kubeconfig) {
        return of(kubeconfig, builder -> builder);
    }

    /** Another server with the same certificate of the client's; the server's is not looked at. */
    public static KubeApi direct(Path kubeconfig, String server) {
        return of(kubeconfig, builder -> builder.setBasePath(server).setVerifyingSsl(false));
    }

    private static KubeApi of(Path kubeconfig, UnaryOperator<ClientBuilder> settings) {
        try (var reader = Files.newBufferedReader(kubeconfig)) {
            var api = settings.apply(ClientBuilder.kubeconfig(KubeConfig.loadKubeConfig(reader)))
                    .build();
            var dispatcher = new Dispatcher();
            dispatcher.setMaxRequests(256);
            dispatcher.setMaxRequestsPerHost(256);
            var client = api.getHttpClient()
                    .newBuilder()
                    .protocols(List.of(Protocol.HTTP_1_1))
                    .connectionPool(new ConnectionPool(64, 1, TimeUnit.MINUTES))
                    .dispatcher(dispatcher)
                    .readTimeout(Duration.ofMinutes(3))
                    .writeTimeout(Duration.ofMinutes(3))
                    .retryOnConnectionFailure(false)
                    .followRedirects(false)
                    .build();
            return new KubeApi(api.getBasePath(), client, Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same cluster by a client of its own that can hold so many WebSockets, each read on a virtual thread. */
    public KubeApi holding(int sockets) {
        var dispatcher = new Dispatcher(Executors.newVirtualThreadPerTaskExecutor());
        dispatcher.setMaxRequests(sockets);
        dispatcher.setMaxRequestsPerHost(sockets);
        return new KubeApi(server, client.newBuilder().dispatcher(dispatcher).build(), headers);
    }

    /** The same cluster as another user. */
    public KubeApi as(String user) {
        return with("Impersonate-User", user);
    }

    /** With a further request header. */
    public KubeApi with(String header, String value) {
        var all = new HashMap<>(headers);
        all.put(header, value);
        return new KubeApi(server, client, Map.copyOf(all));
    }

    public Reply get(String path) {
        return call("GET", path, null, null);
    }

    public Reply delete(String path) {
        return call("DELETE", path, null, null);
    }

    public Reply post(String path, Object body) {
        return call("POST", path, bytes(body), "application/json");
    }

    public Reply call(String method, String path, byte @Nullable [] body, @Nullable String type) {
        try (var response = open(method, path, body, type)) {
            return new Reply(
                    response.code(), response.headers(), response.body().bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        }
    }

    /** An answer that the test reads while it comes; the test closes it. */
    public Response open(String method, String path, byte @Nullable [] body, @Nullable String type) throws IOException {
        var needsBody = List.of("POST", "PUT", "PATCH").contains(method);
        return open(
                method,
                path,
                body == null && !needsBody
                        ? null
                        : RequestBody.create(
                                body == null ? new byte[0] : body, type == null ? null : MediaType.get(type)));
    }

    /** The same with a body that may come bit by bit. */
    public Response open(String method, String path, @Nullable RequestBody body) throws IOException {
        var request = new Request.Builder().url(server + path);
        headers.forEach(request::header);
        return client.newCall(request.method(method, body).build()).execute();
    }

    /** A WebSocket; {@code listener} sees what becomes of it. */
    public WebSocket socket(String path, String protocols, WebSocketListener listener) {
        var request = new Request.Builder().url(server + path).header("Sec-WebSocket-Protocol", protocols);
        headers.forEach(request::header);
        return client.newWebSocket(request.build(), listener);
    }

    public static byte[] bytes(Object body) {
        try {
            return JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A whole answer. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Reply(int code, Headers headers, byte[] body) {
        public JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException("no JSON: " + text(), e);
            }
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return code + " " + text();
        }
    }
}
