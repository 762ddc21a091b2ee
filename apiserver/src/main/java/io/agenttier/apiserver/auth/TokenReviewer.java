package io.agenttier.apiserver.auth;

import java.io.IOException;
import java.util.Optional;

/** Asks Kubernetes whose bearer token that is. */
@FunctionalInterface
public interface TokenReviewer {
    /**
     * @return empty if the token is not valid
     * @throws IOException if the question could not be answered
     */
    Optional<User> review(String token) throws IOException;
}
