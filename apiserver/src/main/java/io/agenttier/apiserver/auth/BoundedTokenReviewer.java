package io.agenttier.apiserver.auth;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Reviews only so many bearer tokens at once. A token is reviewed before anybody knows whose it is, and so before the limits of users: a
 * flood of invented ones must not become a flood at kube-apiserver. What comes too much is refused and does not wait.
 */
public final class BoundedTokenReviewer implements TokenReviewer {
    private final TokenReviewer reviewer;
    private final int atOnce;
    private final Semaphore places;
    private final Runnable rejected;

    /** @param rejected told of each token that was not reviewed */
    public BoundedTokenReviewer(TokenReviewer reviewer, int atOnce, Runnable rejected) {
        this.reviewer = reviewer;
        this.atOnce = atOnce;
        this.places = new Semaphore(atOnce);
        this.rejected = rejected;
    }

    /** As many are being reviewed as may be. */
    static final class FullException extends IOException {
        private static final long serialVersionUID = 1L;

        private final int atOnce;

        private FullException(int atOnce) {
            super("too many bearer tokens are being reviewed");
            this.atOnce = atOnce;
        }

        String sentence() {
            return "too many bearer tokens are being reviewed: %d at once is the limit; try again later"
                    .formatted(atOnce);
        }
    }

    @Override
    public Optional<User> review(String token) throws IOException {
        if (!places.tryAcquire()) {
            rejected.run();
            throw new FullException(atOnce);
        }
        try {
            return reviewer.review(token);
        } finally {
            places.release();
        }
    }
}
