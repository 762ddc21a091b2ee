package io.agenttier.controller.plan;

import io.agenttier.controller.sandboxd.Hook;
import io.agenttier.controller.sandboxd.Notice;
import java.time.Instant;

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

    /** Tell those who are in the sandbox of a stop that is coming. */
    record Tell(Notice.Stop stop) implements PodQuestion {}

    /** Tell them that the stop of that time, which they were told of, is called off. */
    record CallOff(Instant stopAt) implements PodQuestion {}
}
