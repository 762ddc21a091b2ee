package io.agenttier.apiserver.kube;

import com.google.gson.reflect.TypeToken;
import io.agenttier.apiserver.codec.Pem;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1SecretList;
import io.kubernetes.client.util.Watch;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import okhttp3.Call;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A key pair kept up to date from a Secret with the keys {@code tls.crt}, {@code tls.key} and {@code ca.crt}. */
public final class KeyPairWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyPairWatch.class);

    private final String name;
    private final Sink sink;
    private final ObjectWatch<V1Secret, V1SecretList> watch;

    /**
     * What the Secret holds.
     *
     * @param chain of {@code tls.crt}, leaf first, never empty
     * @param authorities of {@code ca.crt}
     */
    public record Pair(PrivateKey key, List<X509Certificate> chain, List<X509Certificate> authorities) {
        public Pair {
            chain = List.copyOf(chain);
            authorities = List.copyOf(authorities);
        }
    }

    /** Takes a new pair. */
    public interface Sink {
        /** @throws GeneralSecurityException if it cannot be used; the last good one stays in use */
        void take(Pair pair) throws GeneralSecurityException;
    }

    public KeyPairWatch(KubeConnection kube, String namespace, String name, Sink sink) {
        this.name = name;
        this.sink = sink;
        var lists = new CoreV1Api(kube.calls());
        var watches = new CoreV1Api(kube.watches());
        var selector = "metadata.name=" + name;
        this.watch = new ObjectWatch<>(
                kube.watches(),
                new ObjectWatch.Calls<V1SecretList>() {
                    @Override
                    public V1SecretList list() throws ApiException {
                        return lists.listNamespacedSecret(namespace)
                                .fieldSelector(selector)
                                .execute();
                    }

                    @Override
                    public Call watch(String resourceVersion) throws ApiException {
                        return watches.listNamespacedSecret(namespace)
                                .fieldSelector(selector)
                                .resourceVersion(resourceVersion)
                                .timeoutSeconds(ObjectWatch.WATCH_SECONDS)
                                .watch(true)
                                .buildCall(null);
                    }
                },
                new TypeToken<Watch.Response<V1Secret>>() {},
                "Secret %s/%s".formatted(namespace, name),
                this::take);
    }

    @Override
    public void close() {
        watch.close();
    }

    private void take(V1Secret secret) {
        try {
            sink.take(pair(Objects.requireNonNullElse(secret.getData(), Map.of())));
            LOG.atInfo().addKeyValue("secret", name).log("a key pair was loaded");
        } catch (GeneralSecurityException e) {
            LOG.atError()
                    .addKeyValue("secret", name)
                    .addKeyValue("cause", e.getMessage())
                    .log("a key pair cannot be used; the last good one stays in use");
        }
    }

    private static Pair pair(Map<String, byte[]> data) throws GeneralSecurityException {
        var chain = Pem.certificates(text(data, "tls.crt"));
        if (chain.isEmpty()) {
            throw new GeneralSecurityException("tls.crt holds no certificate");
        }
        return new Pair(Pem.privateKey(text(data, "tls.key")), chain, Pem.certificates(text(data, "ca.crt")));
    }

    private static String text(Map<String, byte[]> data, String key) throws GeneralSecurityException {
        var bytes = data.get(key);
        if (bytes == null) {
            throw new GeneralSecurityException("key %s is missing".formatted(key));
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
