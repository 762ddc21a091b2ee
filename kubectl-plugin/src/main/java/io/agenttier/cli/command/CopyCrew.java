package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.output.Output;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;

/** Copies files, up to four at once. One that fails does not keep the others from being copied, and is told. */
final class CopyCrew {
    private static final int AT_ONCE = 4;

    private final Semaphore free = new Semaphore(AT_ONCE);
    private final Output output;
    private int done;
    private int left;
    private long bytes;

    CopyCrew(Output output) {
        this.output = output;
    }

    interface Copy {
        /** @return bytes copied */
        long run() throws IOException;
    }

    interface Work {
        void run() throws IOException;
    }

    /** Waits for a free hand, and returns when the copy has begun. */
    void copy(String what, Copy copy) throws InterruptedIOException {
        work(what, () -> copied(copy.run()));
    }

    /** As {@link #copy}, for what is no file. */
    void work(String what, Work work) throws InterruptedIOException {
        acquire(1);
        Thread.ofPlatform().name("copy").start(() -> {
            try {
                work.run();
            } catch (IOException | RuntimeException e) {
                leftOut(what, e instanceof IOException io ? Explanation.of(io) : String.valueOf(e));
            } finally {
                free.release();
            }
        });
    }

    private synchronized void copied(long size) {
        done++;
        bytes += size;
        output.progress("%d files, %d MiB".formatted(done, bytes / (1024 * 1024)));
    }

    /** Something was not copied. */
    synchronized void leftOut(String what, String why) {
        output.progress("");
        output.problem("%s: %s".formatted(Table.printable(what), Table.printable(why)));
        left++;
    }

    /** Waits for the copies that have begun. */
    void finish() throws InterruptedIOException {
        acquire(AT_ONCE);
        free.release(AT_ONCE);
    }

    /** Says what was copied; ends with 1 if anything was not. */
    synchronized int conclude(String to) throws IOException {
        output.progress("");
        output.line("%s: %d files, %d bytes".formatted(to, done, bytes));
        if (left > 0) {
            output.problem("%d not copied".formatted(left));
        }
        return left > 0 ? ExitCode.FAILED : ExitCode.OK;
    }

    private void acquire(int hands) throws InterruptedIOException {
        try {
            free.acquire(hands);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
