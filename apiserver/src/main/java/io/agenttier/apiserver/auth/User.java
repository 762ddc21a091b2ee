package io.agenttier.apiserver.auth;

import java.util.List;
import java.util.Map;

/** An authenticated user as Kubernetes knows it. {@code extra} keys are lower case. */
public record User(String name, String uid, List<String> groups, Map<String, List<String>> extra) {
    public User {
        groups = List.copyOf(groups);
        extra = Map.copyOf(extra);
    }
}
