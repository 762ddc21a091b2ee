package io.agenttier.apiserver.stream;

import io.agenttier.apiserver.route.ClientGoneException;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Whether the client of a request is still there and takes what is sent. The event loop tells it, the request's thread waits for it. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
public final class ClientPresence {
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Channel channel;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Runnable> onGone = new ArrayList<>(1);
    private boolean gone;
    private boolean served;
    private boolean goneEarly;

    public ClientPresence(Channel channel) {
        this.channel = channel;
    }

    /** Event loop: the channel can take more, or no more, than before. */
    public void writabilityChanged() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Event loop: the connection is closed. */
    public void left() {
        List<Runnable> actions;
        lock.lock();
        try {
            if (gone) {
                return;
            }
            gone = true;
            goneEarly = !served;
            actions = List.copyOf(onGone);
            onGone.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        actions.forEach(Runnable::run);
    }

    /** Runs {@code action} once when the client leaves, at once if it has. */
    public void onGone(Runnable action) {
        lock.lock();
        try {
            if (!gone) {
                onGone.add(action);
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    /** Whether it left before the answer was complete. */
    public boolean isGone() {
        lock.lock();
        try {
            return goneEarly;
        } finally {
            lock.unlock();
        }
    }

    /** The answer is complete: a client that leaves now misses nothing. */
    public void served() {
        lock.lock();
        try {
            served = true;
            onGone.clear();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the client has taken most of what was sent, as long as it is there: the event loop judges how long it may take nothing.
     *
     * @throws ClientGoneException if it left
     */
    void awaitRoom() throws ClientGoneException {
        lock.lock();
        try {
            while (!gone && !channel.isWritable()) {
                var _ = changed.awaitNanos(LOOK_NANOS);
            }
            if (gone) {
                throw new ClientGoneException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            channel.close();
            throw new ClientGoneException();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the client has taken most of what was sent.
     *
     * @param stall longest time in which it may take nothing at all
     * @throws ClientGoneException if it left, or took nothing for too long; the connection is closed then
     */
    public void awaitRoom(Duration stall) throws ClientGoneException {
        lock.lock();
        try {
            long left = stall.toNanos();
            long pending = Long.MAX_VALUE;
            // looked at once a turn: it may change between two looks
            while (!channel.isWritable()) {
                long now = channel.bytesBeforeWritable();
                if (now < pending) {
                    left = stall.toNanos();
                }
                pending = now;
                if (gone || left <= 0) {
                    channel.close();
                    throw new ClientGoneException();
                }
                long turn = Math.min(left, LOOK_NANOS);
                left -= turn - Math.max(0, changed.awaitNanos(turn));
            }
            if (gone) {
                throw new ClientGoneException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            channel.close();
            throw new ClientGoneException();
        } finally {
            lock.unlock();
        }
    }
}
