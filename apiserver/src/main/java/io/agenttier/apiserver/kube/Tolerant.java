package io.agenttier.apiserver.kube;

import com.google.gson.Gson;
import com.google.gson.JsonParser;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For {@code @JsonAdapter}: a field that cannot be read, because an older schema let it in, is as if it were absent. Without this one such object
 * would keep the list of all from being read.
 */
final class Tolerant implements TypeAdapterFactory {
    private static final Logger LOG = LoggerFactory.getLogger(Tolerant.class);

    @Override
    public <T> TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
        var strict = gson.getAdapter(type);
        return new TypeAdapter<>() {
            @Override
            public void write(JsonWriter out, @Nullable T value) throws IOException {
                strict.write(out, value);
            }

            @Override
            public @Nullable T read(JsonReader in) {
                var json = JsonParser.parseReader(in);
                try {
                    return strict.fromJsonTree(json);
                } catch (RuntimeException e) {
                    LOG.atWarn()
                            .addKeyValue("type", type.getRawType().getSimpleName())
                            .addKeyValue("cause", String.valueOf(e.getMessage()))
                            .log("a stored object cannot be read in part");
                    return null;
                }
            }
        };
    }
}
