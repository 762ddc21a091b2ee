package io.agenttier.cli.command;

import io.agenttier.cli.transport.Pause;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Ctrl-C: what is to be done then, and who is waiting meanwhile. Used by the running command and by the JVM's shutdown. */
public final class Interrupts implements Pause {
    private final CountDownLatch began = new CountDownLatch(1);
    private final Set<Runnable> removals = new LinkedHashSet<>();
    private @Nullable Runnable action;

    /** What to do when the user interrupts us, instead of what was set before; null for nothing. */
    synchronized void onInterrupt(@Nullable Runnable next) {
        action = next;
    }

    /** Something half done, and how to take it away: also run when the user interrupts us. Any thread. */
    synchronized void halfDone(Runnable removal) {
        removals.add(removal);
    }

    /** It is whole, or was taken away. */
    synchronized void settled(Runnable removal) {
        removals.remove(removal);
    }

    /** The user interrupts us: does what is set, and returns when that is done. */
    public void begin() {
        began.countDown();
        Runnable toDo;
        List<Runnable> left;
        synchronized (this) {
            toDo = action;
            action = null;
            left = List.copyOf(removals);
            removals.clear();
        }
        if (toDo != null) {
            toDo.run();
        }
        left.forEach(Runnable::run);
    }

    public boolean hasBegun() {
        return began.getCount() == 0;
    }

    @Override
    public void take(Duration time) throws InterruptedIOException {
        try {
            if (began.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new InterruptedIOException("interrupted");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
