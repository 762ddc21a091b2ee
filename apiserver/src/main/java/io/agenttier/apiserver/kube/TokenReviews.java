package io.agenttier.apiserver.kube;

import io.agenttier.apiserver.auth.TokenReviewer;
import io.agenttier.apiserver.auth.User;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.apis.AuthenticationV1Api;
import io.kubernetes.client.openapi.models.V1TokenReview;
import io.kubernetes.client.openapi.models.V1TokenReviewSpec;
import io.kubernetes.client.openapi.models.V1UserInfo;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Bearer tokens by TokenReview. */
public final class TokenReviews implements TokenReviewer {
    private final AuthenticationV1Api api;
    private final Retry retry;

    public TokenReviews(ApiClient client) {
        this(
                client,
                new Retry(
                        RandomGenerator.getDefault(),
                        time -> TimeUnit.NANOSECONDS.sleep(time.toNanos()),
                        InstantSource.system()));
    }

    TokenReviews(ApiClient client, Retry retry) {
        this.api = new AuthenticationV1Api(client);
        this.retry = retry;
    }

    @Override
    public Optional<User> review(String token) throws IOException {
        var question = new V1TokenReview()
                .apiVersion("authentication.k8s.io/v1")
                .kind("TokenReview")
                .spec(new V1TokenReviewSpec().token(token));
        var status = retry.ask(() -> KubeFailure.answer(
                () -> api.createTokenReview(question).execute().getStatus()));
        if (!Boolean.TRUE.equals(status.getAuthenticated()) || status.getUser() == null) {
            return Optional.empty();
        }
        return user(status.getUser());
    }

    private static Optional<User> user(V1UserInfo info) {
        var name = info.getUsername();
        if (name == null || name.isEmpty()) {
            return Optional.empty();
        }
        var extra = new HashMap<String, List<String>>();
        Objects.requireNonNullElse(info.getExtra(), Map.<String, List<String>>of())
                .forEach((key, values) -> extra.put(key, List.copyOf(values)));
        var groups = Objects.requireNonNullElse(info.getGroups(), List.<String>of());
        return Optional.of(new User(name, Objects.requireNonNullElse(info.getUid(), ""), groups, extra));
    }
}
