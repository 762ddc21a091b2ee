package io.agenttier.apiserver.auth;

import io.agenttier.api.ApiGroup;
import io.agenttier.apiserver.auth.AccessReviewer.Decision;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.IOException;
import java.time.Duration;

/**
 * Decisions by SubjectAccessReview, remembered for 10 s. Asked behind kube-apiserver as well, so that both must allow and a bug in either
 * parser opens nothing.
 */
public final class AccessDecisions implements Authorizer {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** Longer questions are asked each time: a few of them would fill the memory of the cache. */
    private static final int CACHED_CHARACTERS = 10_000;

    private static final Decision MASTERS = new Decision(true, "group system:masters");

    private record Key(User user, Attributes attributes) {}

    private final AccessReviewer reviewer;
    private final SharedReview<Key, Decision> decisions = new SharedReview<>(LIMIT);

    public AccessDecisions(AccessReviewer reviewer) {
        this.reviewer = reviewer;
    }

    /**
     * Returns if the user may.
     *
     * @throws ApiException 403 worded as kube-apiserver words it; 500 when the review failed
     */
    public void require(User user, Attributes attributes) {
        var decision = decide(user, attributes);
        if (!decision.allowed()) {
            throw new ApiException(Refusal.of(user, attributes, decision.reason()));
        }
    }

    /** @throws ApiException 500 when the review failed */
    public boolean allowed(User user, Attributes attributes) {
        return decide(user, attributes).allowed();
    }

    @Override
    public boolean allowed(User user, String namespace, String verb, String subresource, String name) {
        var attributes = new Attributes.Resource(
                verb, namespace, ApiGroup.GROUP, ApiGroup.SUBRESOURCES_VERSION, "sandboxes", subresource, name);
        return decide(user, attributes).allowed();
    }

    private Decision decide(User user, Attributes attributes) {
        if (user.groups().contains("system:masters")) {
            return MASTERS;
        }
        try {
            if (length(user) + attributes.length() > CACHED_CHARACTERS) {
                return reviewer.review(user, attributes);
            }
            return decisions.get(new Key(user, attributes), () -> reviewer.review(user, attributes));
        } catch (IOException e) {
            throw new ApiException(new ApiError.Internal(
                    "the right to do this could not be checked: " + e.getMessage() + "; try again"));
        }
    }

    private static int length(User user) {
        int length = user.name().length() + user.uid().length();
        for (var group : user.groups()) {
            length += group.length();
        }
        for (var entry : user.extra().entrySet()) {
            length += entry.getKey().length();
            for (var value : entry.getValue()) {
                length += value.length();
            }
        }
        return length;
    }
}
