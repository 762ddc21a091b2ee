package io.agenttier.apiserver.admission;

import io.agenttier.apiserver.error.ApiError;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a request.
 *
 * @param refusal why it is refused; null lets it pass
 * @param patch RFC 6902 operations on the object, none for no change
 * @param warnings shown to the user by his client
 */
record Verdict(@Nullable ApiError refusal, List<Map<String, Object>> patch, List<String> warnings) {
    Verdict {
        patch = List.copyOf(patch);
        warnings = List.copyOf(warnings);
    }

    static Verdict allow(List<String> warnings) {
        return new Verdict(null, List.of(), warnings);
    }

    static Verdict patch(List<Map<String, Object>> patch, List<String> warnings) {
        return new Verdict(null, patch, warnings);
    }

    static Verdict refuse(ApiError refusal, List<String> warnings) {
        return new Verdict(refusal, List.of(), warnings);
    }
}
