package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Accept;
import io.agenttier.apiserver.route.Call;
import java.util.List;

/** How a call that runs something is answered: one document when it has ended, or events while it runs. */
enum AnswerForm {
    DOCUMENT,
    EVENTS;

    private static final String JSON = "application/json";
    private static final String YAML = "application/yaml";

    /** @throws ApiException 406 for any other wish */
    static AnswerForm of(Call call) {
        var accept = call.headers().getOrDefault("accept", List.of());
        var media = Accept.choose(accept, List.of(JSON, EventText.MEDIA_TYPE, YAML))
                .orElseThrow(() -> new ApiException(
                        new ApiError.NotAcceptable("only the following media types are accepted: %s, %s, %s"
                                .formatted(JSON, YAML, EventText.MEDIA_TYPE))));
        return media.equals(EventText.MEDIA_TYPE) ? EVENTS : DOCUMENT;
    }
}
