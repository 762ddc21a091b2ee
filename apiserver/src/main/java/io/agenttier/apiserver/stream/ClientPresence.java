package io.agenttier.apiserver.stream;

import io.agenttier.apiserver.route.ClientGoneException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Whether the client of a request is still there and takes what is sent. The event loop tells it, the request's thread waits for it. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
public final class ClientPresence {
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Channel channel;
    private final OutboundBudget budget;
    private final Runnable stalled;
    private final AtomicLong pending = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Runnable> onGone = new ArrayList<>(1);
    private boolean gone;
    private boolean served;
    private boolean goneEarly;

    /**
     * @param budget of all clients
     * @param stalled told if the client takes nothing for too long, before its connection is closed
     */
    public ClientPresence(Channel channel, OutboundBudget budget, Runnable stalled) {
        this.channel = channel;
        this.budget = budget;
        this.stalled = stalled;
    }

    /** Lets go of a client that takes nothing. */
    void stall() {
        stalled.run();
        channel.close();
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

    /** Counts bytes that are written with the promise returned, until the client has taken them or is gone. */
    public ChannelPromise sending(int bytes) {
        budget.add(bytes);
        pending.addAndGet(bytes);
        return channel.newPromise().addListener(written -> {
            budget.add(-bytes);
            pending.addAndGet(-bytes);
            if (written.isSuccess()) {
                writabilityChanged();
            } else {
                channel.close();
            }
        });
    }

    private boolean hasRoom() {
        return channel.isWritable() && (!budget.isExhausted() || pending.get() == 0);
    }

    private int piece() {
        return budget.isExhausted() ? OutboundBudget.SMALL_PIECE_BYTES : OutboundBudget.PIECE_BYTES;
    }

    /**
     * Waits until the client has taken most of what was sent, as long as it is there: the event loop judges how long it may take nothing.
     *
     * @return bytes that may be sent at once
     * @throws ClientGoneException if it left
     */
    int awaitRoom() throws ClientGoneException {
        lock.lock();
        try {
            while (!gone && !hasRoom()) {
                var _ = changed.awaitNanos(LOOK_NANOS);
            }
            if (gone) {
                throw new ClientGoneException();
            }
            return piece();
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
     * @return bytes that may be sent at once
     * @throws ClientGoneException if it left, or took nothing for too long; the connection is closed then
     */
    public int awaitRoom(Duration stall) throws ClientGoneException {
        lock.lock();
        try {
            long left = stall.toNanos();
            long before = Long.MAX_VALUE;
            // looked at once a turn: it may change between two looks
            while (!hasRoom()) {
                long now = channel.bytesBeforeWritable() + pending.get();
                if (now < before) {
                    left = stall.toNanos();
                }
                before = now;
                if (gone) {
                    channel.close();
                    throw new ClientGoneException();
                }
                if (left <= 0) {
                    stall();
                    throw new ClientGoneException();
                }
                long turn = Math.min(left, LOOK_NANOS);
                left -= turn - Math.max(0, changed.awaitNanos(turn));
            }
            if (gone) {
                throw new ClientGoneException();
            }
            return piece();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            channel.close();
            throw new ClientGoneException();
        } finally {
            lock.unlock();
        }
    }
}
