package io.agenttier.cli.command;

import io.agenttier.cli.transport.ApiException;
import java.io.IOException;

/** What to tell the user about a failure: the server's words, and where these help nobody, what to look at. */
public final class Explanation {
    private static final String CHECK = "kubectl get apiservice subresources-v1alpha1.agenttier.io";

    private Explanation() {}

    public static String of(IOException e) {
        if (e instanceof ApiException api) {
            return ofAnswer(api);
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String ofAnswer(ApiException e) {
        var failure = e.failure();
        if (failure.isUnknownPath()) {
            return "AgentTier is not installed in this cluster, or its APIService is unavailable: kube-apiserver answered \"%s\".%nCheck with: %s"
                    .formatted(failure.message(), CHECK);
        }
        if (!failure.isStatus() && failure.isPassing()) {
            return "%s%nAgentTier's API server cannot be reached through kube-apiserver just now. Check with: %s"
                    .formatted(failure.sentence(), CHECK);
        }
        return failure.sentence();
    }
}
