package io.agenttier.controller.kube;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.ClusterSandboxTemplate;
import io.agenttier.api.Creator;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ResourceAttributes;
import io.kubernetes.client.openapi.models.V1SubjectAccessReview;
import io.kubernetes.client.openapi.models.V1SubjectAccessReviewSpec;
import org.jspecify.annotations.Nullable;

/** Asks what people may do. Never cached: a right that was taken away counts at the next start. */
public final class RightsApi {
    private static final String PATH = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

    private final Rest rest;

    public RightsApi(Rest rest) {
        this.rest = rest;
    }

    /**
     * Whether somebody may {@code use} a ClusterSandboxTemplate, with the groups recorded of him. Nobody may on behalf of nobody.
     *
     * @throws IllegalStateException if it cannot be told
     */
    public boolean mayUse(@Nullable Creator creator, String template) {
        if (creator == null || creator.sub() == null || creator.sub().isEmpty()) {
            return false;
        }
        var review = new V1SubjectAccessReview()
                .apiVersion("authorization.k8s.io/v1")
                .kind("SubjectAccessReview")
                .spec(new V1SubjectAccessReviewSpec()
                        .user(creator.sub())
                        .groups(creator.groups())
                        .resourceAttributes(new V1ResourceAttributes()
                                .verb("use")
                                .group(ApiGroup.GROUP)
                                .version(ApiGroup.VERSION)
                                .resource(ClusterSandboxTemplate.PLURAL)
                                .name(template)));
        return switch (rest.ask(PATH, review)) {
            case Answer.Done d -> allowed(d.body());
            case Answer.Refused r ->
                throw new IllegalStateException("the right to use ClusterSandboxTemplate " + template
                        + " cannot be asked for: " + r.refusal().message());
        };
    }

    private static boolean allowed(String body) {
        var status = JSON.getGson().fromJson(body, V1SubjectAccessReview.class).getStatus();
        return status != null && Boolean.TRUE.equals(status.getAllowed()) && !Boolean.TRUE.equals(status.getDenied());
    }
}
