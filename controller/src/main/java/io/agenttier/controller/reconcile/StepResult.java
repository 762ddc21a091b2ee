package io.agenttier.controller.reconcile;

import io.agenttier.controller.plan.Obstacle;

/** What one action came to. */
sealed interface StepResult {
    /** It is as it should be, done now or earlier. */
    record Done() implements StepResult {}

    /** It cannot be done as things are; the sandbox's conditions show it. */
    record Blocked(Obstacle obstacle) implements StepResult {}

    /** Not now: the world is another one than the plan was made for, or something is still going away. */
    record Later(String why) implements StepResult {}

    /** The namespace is being deleted, and the sandbox with it. */
    record NamespaceEnding() implements StepResult {}

    StepResult DONE = new Done();
}
