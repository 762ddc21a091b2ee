package io.agenttier.apiserver.auth;

import java.io.IOException;

/** Asks Kubernetes whether a user may do something. */
@FunctionalInterface
public interface AccessReviewer {
    /** @throws IOException if the question could not be answered; never an allow */
    Decision review(User user, Attributes attributes) throws IOException;

    /**
     * @param allowed false also where no rule spoke about it
     * @param reason from the authorizer, possibly empty; shown to the user
     */
    record Decision(boolean allowed, String reason) {}
}
