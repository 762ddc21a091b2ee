package io.agenttier.controller.kube;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.agenttier.controller.effect.Effect;
import io.agenttier.controller.effect.Witness;
import io.agenttier.controller.plan.Refusal;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.Pair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Single requests to the API server, blocking, for virtual threads. Every write asks the fence first, so a process that lost its Lease
 * writes nothing. A refusal is a value; only a connection that failed or an answer that is no JSON throws {@link UncheckedIOException}.
 */
public final class Rest {
    private static final String[] AUTHENTICATION = {"BearerToken"};

    private final ApiClient client;
    private final BooleanSupplier fence;
    private final Witness witness;

    /**
     * @param client with a bounded call time
     * @param fence true while writes are allowed
     * @param witness sees the writes
     */
    public Rest(ApiClient client, BooleanSupplier fence, Witness witness) {
        this.client = client;
        this.fence = fence;
        this.witness = witness;
    }

    public Answer get(String path) {
        return call("GET", path, List.of(), null, null);
    }

    /** Only metadata: of a Secret, never its content. */
    public Answer getMetadata(String path) {
        return call("GET", path, List.of(), null, null, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
    }

    public Answer list(String path, String labelSelector, int limit) {
        return call(
                "GET",
                path,
                List.of(new Pair("labelSelector", labelSelector), new Pair("limit", Integer.toString(limit))),
                null,
                null);
    }

    public Answer listByFields(String path, String fieldSelector, int limit) {
        return call(
                "GET",
                path,
                List.of(new Pair("fieldSelector", fieldSelector), new Pair("limit", Integer.toString(limit))),
                null,
                null);
    }

    /**
     * Creates what {@code body} says; any model object.
     *
     * @param path of the collection
     * @param name of the object, as the body has it
     */
    public Answer create(Effect effect, String path, String name, Object body, String manager) {
        return write(
                effect,
                path + "/" + name,
                () -> call(
                        "POST",
                        path,
                        List.of(new Pair("fieldManager", manager)),
                        JSON.serialize(body),
                        "application/json"));
    }

    /** A question that is put as a POST, such as a review. The server answers and keeps nothing. */
    public Answer ask(String path, Object body) {
        return call("POST", path, List.of(), JSON.serialize(body), "application/json");
    }

    /** Server-side apply, taking over fields of other managers: what is applied here belongs to this program. */
    public Answer apply(Effect effect, String path, JsonObject body, String manager) {
        return write(
                effect,
                path,
                () -> call(
                        "PATCH",
                        path,
                        List.of(new Pair("fieldManager", manager), new Pair("force", "true")),
                        body.toString(),
                        "application/apply-patch+yaml"));
    }

    /** Replaces the object, which is at the resourceVersion that the body has. */
    public Answer replace(Effect effect, String path, JsonObject body, String manager) {
        return write(
                effect,
                path,
                () -> call(
                        "PUT", path, List.of(new Pair("fieldManager", manager)), body.toString(), "application/json"));
    }

    public Answer mergePatch(Effect effect, String path, JsonObject body, String manager) {
        return write(
                effect,
                path,
                () -> call(
                        "PATCH",
                        path,
                        List.of(new Pair("fieldManager", manager)),
                        body.toString(),
                        "application/merge-patch+json"));
    }

    /** Deletes exactly the object with {@code uid}; another one of the same name is a conflict. Dependants follow in the background. */
    public Answer delete(Effect effect, String path, String uid) {
        var preconditions = new JsonObject();
        preconditions.addProperty("uid", uid);
        return delete(effect, path, preconditions, null);
    }

    /** The same without a grace period. */
    public Answer deleteNow(Effect effect, String path, String uid) {
        var preconditions = new JsonObject();
        preconditions.addProperty("uid", uid);
        return delete(effect, path, preconditions, 0);
    }

    /** The same, and only while the object is at {@code resourceVersion}. */
    public Answer delete(Effect effect, String path, String uid, String resourceVersion) {
        var preconditions = new JsonObject();
        preconditions.addProperty("uid", uid);
        preconditions.addProperty("resourceVersion", resourceVersion);
        return delete(effect, path, preconditions, null);
    }

    private Answer delete(Effect effect, String path, JsonObject preconditions, @Nullable Integer graceSeconds) {
        var options = new JsonObject();
        options.addProperty("apiVersion", "v1");
        options.addProperty("kind", "DeleteOptions");
        options.add("preconditions", preconditions);
        options.addProperty("propagationPolicy", "Background");
        if (graceSeconds != null) {
            options.addProperty("gracePeriodSeconds", graceSeconds);
        }
        return write(effect, path, () -> call("DELETE", path, List.of(), options.toString(), "application/json"));
    }

    private Answer write(Effect effect, String target, Supplier<Answer> call) {
        if (!fence.getAsBoolean()) {
            throw new NotLeading();
        }
        witness.before(effect, target);
        var answer = call.get();
        witness.after(effect, target);
        return answer;
    }

    private Answer call(
            String method, String path, List<Pair> query, @Nullable String body, @Nullable String contentType) {
        return call(method, path, query, body, contentType, "application/json");
    }

    private Answer call(
            String method,
            String path,
            List<Pair> query,
            @Nullable String body,
            @Nullable String contentType,
            String accept) {
        var headers = new HashMap<String, String>();
        headers.put("Accept", accept);
        if (contentType != null) {
            headers.put("Content-Type", contentType);
        }
        try {
            var call = client.buildCall(
                    null,
                    path,
                    "GET",
                    new ArrayList<>(query),
                    List.of(),
                    null,
                    headers,
                    Map.of(),
                    Map.of(),
                    AUTHENTICATION,
                    null);
            var request = call.request();
            if (!method.equals("GET")) {
                var bytes = body == null ? new byte[0] : body.getBytes(java.nio.charset.StandardCharsets.UTF_8);
                var type = okhttp3.MediaType.parse(contentType == null ? "application/json" : contentType);
                request = request.newBuilder()
                        .method(method, okhttp3.RequestBody.create(bytes, type))
                        .build();
            }
            try (var response = client.getHttpClient().newCall(request).execute()) {
                var text = response.body().string();
                return response.isSuccessful()
                        ? new Answer.Done(text)
                        : new Answer.Refused(refusal(response.code(), text));
            }
        } catch (ApiException e) {
            throw new IllegalStateException("cannot build " + method + " " + path, e);
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path + ": " + e.getMessage(), e);
        }
    }

    private static Refusal refusal(int code, String text) {
        try {
            if (JsonParser.parseString(text) instanceof JsonObject status) {
                return new Refusal(code, string(status, "reason"), string(status, "message"), namespaceEnding(status));
            }
        } catch (JsonParseException e) {
            // not a Status: a proxy's page, shown as it is
        }
        return new Refusal(code, "", text.length() <= 200 ? text : text.substring(0, 200), false);
    }

    private static boolean namespaceEnding(JsonObject status) {
        if (!(status.get("details") instanceof JsonObject details)
                || !(details.get("causes") instanceof JsonArray causes)) {
            return false;
        }
        for (JsonElement cause : causes) {
            if (cause instanceof JsonObject c && string(c, "reason").equals("NamespaceTerminating")) {
                return true;
            }
        }
        return false;
    }

    private static String string(JsonObject object, String key) {
        return object.get(key) instanceof com.google.gson.JsonPrimitive p ? p.getAsString() : "";
    }
}
