package io.agenttier.apiserver.kube;

import com.google.gson.reflect.TypeToken;
import io.kubernetes.client.common.KubernetesListObject;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.util.Watch;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one object by list and watch with {@code fieldSelector=metadata.name}, so that a Role by resource name suffices. Every version
 * seen goes to the consumer; an object that vanishes goes nowhere, so what was last seen stays in use. A watch lasts at most 5 minutes and
 * is then begun anew with a list, which mends whatever was missed.
 *
 * @param <T> the object
 * @param <L> its list
 */
final class ObjectWatch<T extends KubernetesObject, L extends KubernetesListObject> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectWatch.class);
    static final int WATCH_SECONDS = 300;
    private static final Duration FIRST_WAIT = Duration.ofMillis(200);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);

    private final ApiClient client;
    private final Calls<L> calls;
    private final TypeToken<Watch.Response<T>> eventType;
    private final Consumer<T> consumer;
    private final String what;
    private final Thread thread;
    private volatile boolean closed;

    /** How to list and watch the object. */
    interface Calls<L> {
        L list() throws ApiException;

        Call watch(String resourceVersion) throws ApiException;
    }

    /** @param what for log lines, for example {@code Secret agenttier/agenttier-apiserver-tls} */
    ObjectWatch(
            ApiClient client,
            Calls<L> calls,
            TypeToken<Watch.Response<T>> eventType,
            String what,
            Consumer<T> consumer) {
        this.client = client;
        this.calls = calls;
        this.eventType = eventType;
        this.what = what;
        this.consumer = consumer;
        this.thread = Thread.ofVirtual().name("watch " + what).start(this::run);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        var wait = FIRST_WAIT;
        while (!closed) {
            try {
                follow();
                wait = FIRST_WAIT;
            } catch (ApiException | IOException | RuntimeException e) {
                if (closed) {
                    return;
                }
                LOG.atWarn()
                        .addKeyValue("object", what)
                        .addKeyValue("cause", String.valueOf(e.getMessage()))
                        .log("a watch ended; it begins anew");
                if (!pause(wait)) {
                    return;
                }
                wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait.multipliedBy(2);
            }
        }
    }

    @SuppressWarnings("unchecked")
    private void follow() throws ApiException, IOException {
        var list = calls.list();
        for (var item : list.getItems()) {
            consumer.accept((T) item);
        }
        var version = list.getMetadata() == null ? null : list.getMetadata().getResourceVersion();
        try (Watch<T> watch =
                Watch.createWatch(client, calls.watch(version == null ? "0" : version), eventType.getType())) {
            while (!closed && watch.hasNext()) {
                accept(watch.next());
            }
        }
    }

    private void accept(Watch.Response<T> event) throws IOException {
        @Nullable T object = event.object;
        switch (event.type) {
            case "ADDED", "MODIFIED" -> {
                if (object != null) {
                    consumer.accept(object);
                }
            }
            case "ERROR" -> throw new IOException("the watch was ended by kube-apiserver");
            default ->
                LOG.atInfo()
                        .addKeyValue("object", what)
                        .addKeyValue("event", event.type)
                        .log("the last version stays in use");
        }
    }

    private static boolean pause(Duration wait) {
        try {
            TimeUnit.NANOSECONDS.sleep(wait.toNanos());
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }
}
