package io.agenttier.apiserver.admission;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.error.Status;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer to kube-apiserver, {@code admission.k8s.io/v1}. */
record AdmissionAnswer(String apiVersion, String kind, Response response) {
    /**
     * @param status only of a refusal
     * @param patch RFC 6902, base64 on the wire
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Response(
            String uid,
            boolean allowed,
            @Nullable Status status,
            @Nullable String patchType,
            byte @Nullable [] patch,
            @Nullable List<String> warnings) {}

    static AdmissionAnswer of(String uid, Verdict verdict) {
        var warnings = verdict.warnings().isEmpty() ? null : verdict.warnings();
        var refusal = verdict.refusal();
        var response = refusal != null
                ? new Response(uid, false, Status.of(refusal), null, null, warnings)
                : verdict.patch().isEmpty()
                        ? new Response(uid, true, null, null, null, warnings)
                        : new Response(uid, true, null, "JSONPatch", Json.write(verdict.patch()), warnings);
        return new AdmissionAnswer(AdmissionReview.API_VERSION, AdmissionReview.KIND, response);
    }
}
