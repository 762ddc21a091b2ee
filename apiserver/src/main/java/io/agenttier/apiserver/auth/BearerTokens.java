package io.agenttier.apiserver.auth;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

/** Users of bearer tokens, remembered for 10 s whether valid or not. Tokens themselves are not kept, only their hashes. */
final class BearerTokens {
    private static final Duration LIMIT = Duration.ofSeconds(11);

    private final TokenReviewer reviewer;
    private final SharedReview<String, Optional<User>> users = new SharedReview<>(LIMIT);

    BearerTokens(TokenReviewer reviewer) {
        this.reviewer = reviewer;
    }

    /** @throws ApiException 401 for a token that is not valid, 429 while too many are being reviewed, 500 when it could not be */
    User user(String token) {
        Optional<User> user;
        try {
            user = users.get(hash(token), () -> reviewer.review(token));
        } catch (IOException e) {
            if (e.getCause() instanceof BoundedTokenReviewer.FullException full) {
                throw new ApiException(new ApiError.TooManyRequests(full.sentence(), Duration.ofSeconds(1)));
            }
            throw new ApiException(
                    new ApiError.Internal("the bearer token could not be reviewed: " + e.getMessage() + "; try again"));
        }
        return user.orElseThrow(() -> new ApiException(new ApiError.Unauthorized("Unauthorized")));
    }

    private static String hash(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
