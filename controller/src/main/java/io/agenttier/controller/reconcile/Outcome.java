package io.agenttier.controller.reconcile;

import java.time.Duration;

/** What a reconciliation came to. */
public sealed interface Outcome {
    /** Nothing to do until something changes. */
    record Done() implements Outcome {}

    /** Look again after this time even if nothing changes. */
    record Again(Duration in) implements Outcome {}

    /** Could not go on; look again with growing waits. */
    record Retry(String why) implements Outcome {}
}
