package io.agenttier.apiserver.stream;

/** Sent through the pipeline when the server has waited long enough for running calls: those that are left are told to come back. */
public enum GoingAway {
    NOW
}
