package io.agenttier.apiserver.resource;

import io.agenttier.api.ApiGroup;
import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.Answers;
import io.agenttier.apiserver.route.Call;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers that are one document of the subresources' API version. */
final class Documents {
    private Documents() {}

    /** A document that bears kind and API version; the order of its fields is the order on the wire. */
    static Map<String, @Nullable Object> of(String kind) {
        var document = new LinkedHashMap<String, @Nullable Object>();
        document.put("kind", kind);
        document.put("apiVersion", ApiGroup.SUBRESOURCES_API_VERSION);
        return document;
    }

    /** In the form the client asked for. */
    static Answer answer(Call call, int status, Map<String, @Nullable Object> document) {
        boolean pretty = call.parameter("pretty")
                .map(value -> !value.equals("false") && !value.equals("0"))
                .orElse(false);
        return Answers.document(status, document, call.headers().getOrDefault("accept", List.of()), pretty);
    }
}
