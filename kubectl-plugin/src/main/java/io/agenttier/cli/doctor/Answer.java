package io.agenttier.cli.doctor;

import io.agenttier.cli.json.Json;

/** What became of one question to the cluster. */
public sealed interface Answer {
    record Found(Json document) implements Answer {}

    record Missing() implements Answer {}

    /** @param right that the user lacks, for example {@code get apiservices.apiregistration.k8s.io} */
    record Forbidden(String right) implements Answer {}

    /** Neither a document nor a plain no. */
    record Failed(String message) implements Answer {}

    /**
     * What a check says when it has no document to judge.
     *
     * @param missing what to say if the server has none
     */
    default Finding otherwise(String check, Finding missing) {
        return switch (this) {
            case Missing _ -> missing;
            case Forbidden f ->
                Finding.warn(
                        check,
                        "cannot be told: you lack the right to " + f.right(),
                        "ask somebody who has it to run this, or to grant it");
            case Failed f ->
                Finding.fail(check, f.message(), "see that kube-apiserver answers: kubectl get --raw /readyz");
            case Found _ -> throw new IllegalStateException("there is a document");
        };
    }
}
