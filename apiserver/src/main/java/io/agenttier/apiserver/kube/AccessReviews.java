package io.agenttier.apiserver.kube;

import io.agenttier.apiserver.auth.AccessReviewer;
import io.agenttier.apiserver.auth.Attributes;
import io.agenttier.apiserver.auth.User;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.apis.AuthorizationV1Api;
import io.kubernetes.client.openapi.models.V1NonResourceAttributes;
import io.kubernetes.client.openapi.models.V1ResourceAttributes;
import io.kubernetes.client.openapi.models.V1SubjectAccessReview;
import io.kubernetes.client.openapi.models.V1SubjectAccessReviewSpec;
import java.io.IOException;
import java.util.Objects;

/** Rights by SubjectAccessReview. */
public final class AccessReviews implements AccessReviewer {
    private final AuthorizationV1Api api;

    public AccessReviews(ApiClient client) {
        this.api = new AuthorizationV1Api(client);
    }

    @Override
    public Decision review(User user, Attributes attributes) throws IOException {
        var question = new V1SubjectAccessReview()
                .apiVersion("authorization.k8s.io/v1")
                .kind("SubjectAccessReview")
                .spec(spec(user, attributes));
        var status = KubeFailure.answer(
                () -> api.createSubjectAccessReview(question).execute().getStatus());
        boolean denied = Boolean.TRUE.equals(status.getDenied());
        boolean allowed = Boolean.TRUE.equals(status.getAllowed());
        return new Decision(allowed && !denied, Objects.requireNonNullElse(status.getReason(), ""));
    }

    private static V1SubjectAccessReviewSpec spec(User user, Attributes attributes) {
        var spec = new V1SubjectAccessReviewSpec()
                .user(user.name())
                .uid(user.uid())
                .groups(user.groups())
                .extra(user.extra());
        return switch (attributes) {
            case Attributes.Resource r ->
                spec.resourceAttributes(new V1ResourceAttributes()
                        .verb(r.verb())
                        .namespace(r.namespace())
                        .group(r.group())
                        .version(r.version())
                        .resource(r.resource())
                        .subresource(r.subresource())
                        .name(r.name()));
            case Attributes.NonResource n ->
                spec.nonResourceAttributes(
                        new V1NonResourceAttributes().verb(n.verb()).path(n.path()));
        };
    }
}
