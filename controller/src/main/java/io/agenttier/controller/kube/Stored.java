package io.agenttier.controller.kube;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.JSON;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of an object as it is stored, bound to its record apart from the object: what an older schema let in, or somebody wrote by hand, must
 * not keep a whole list from being read.
 *
 * @param value null if there was none, or it cannot be read at all
 * @param unreadable members that cannot be read, each with the reason
 */
record Stored<T>(@Nullable T value, List<String> unreadable) {
    private static final int REASON_CHARS = 200;

    Stored {
        unreadable = List.copyOf(unreadable);
    }

    /** Whole, or else without the members that cannot be read. */
    static <T> Stored<T> bind(@Nullable JsonElement json, Class<T> type) {
        if (json == null || json.isJsonNull()) {
            return new Stored<>(null, List.of());
        }
        try {
            return new Stored<>(JSON.getGson().fromJson(json, type), List.of());
        } catch (RuntimeException e) {
            return json instanceof JsonObject members
                    ? readable(members, type)
                    : new Stored<>(null, List.of("it is no object"));
        }
    }

    private static <T> Stored<T> readable(JsonObject members, Class<T> type) {
        var kept = new JsonObject();
        var unreadable = new ArrayList<String>();
        for (var member : members.entrySet()) {
            var alone = new JsonObject();
            alone.add(member.getKey(), member.getValue());
            try {
                var _ = JSON.getGson().fromJson(alone, type);
                kept.add(member.getKey(), member.getValue());
            } catch (RuntimeException e) {
                unreadable.add(member.getKey() + ": " + reason(e));
            }
        }
        return new Stored<>(JSON.getGson().fromJson(kept, type), unreadable);
    }

    /** What Gson says holds no values, only places and kinds. */
    private static String reason(RuntimeException e) {
        var text = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return text.length() <= REASON_CHARS ? text : text.substring(0, REASON_CHARS);
    }
}
