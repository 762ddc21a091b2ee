package io.agenttier.controller.plan;

import io.agenttier.controller.sandboxd.Hook;
import io.agenttier.controller.sandboxd.Notice;

/** What the daemon of a pod can be asked. A question that equals an earlier one is the same question: its answer is kept for a while. */
public sealed interface PodQuestion {
    /** Run a hook. */
    record Run(Hook hook) implements PodQuestion {}

    /**
     * How the sandbox is used and what its start came to.
     *
     * @param occasion tells this look from earlier ones: each occasion is answered once
     */
    record Look(String occasion) implements PodQuestion {}

    /** Tell those who are in the sandbox. */
    record Tell(Notice notice) implements PodQuestion {}
}
