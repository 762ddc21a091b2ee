package io.agenttier.apiserver.http;

import io.agenttier.apiserver.route.ClientGoneException;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Whether the client of a request is still there and takes what is sent. The event loop tells it, the request's thread waits for it. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, and that is what is watched
final class ClientPresence {
    private final Channel channel;
    private final Duration stall;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Runnable> onGone = new ArrayList<>(1);
    private boolean gone;

    ClientPresence(Channel channel, Duration stall) {
        this.channel = channel;
        this.stall = stall;
    }

    /** Event loop: the channel can take more, or no more, than before. */
    void writabilityChanged() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Event loop: the connection is closed. */
    void left() {
        List<Runnable> actions;
        lock.lock();
        try {
            if (gone) {
                return;
            }
            gone = true;
            actions = List.copyOf(onGone);
            onGone.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        actions.forEach(Runnable::run);
    }

    /** Runs {@code action} once when the client leaves, at once if it has. */
    void onGone(Runnable action) {
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

    /** The answer is complete: a client that leaves now misses nothing. */
    void served() {
        lock.lock();
        try {
            onGone.clear();
        } finally {
            lock.unlock();
        }
    }

    /** @throws ClientGoneException if it left, or took nothing for too long; the connection is closed then */
    void awaitRoom() throws ClientGoneException {
        lock.lock();
        try {
            long left = stall.toNanos();
            // looked at once a turn: it may change between two looks
            while (!channel.isWritable()) {
                if (gone || left <= 0) {
                    channel.close();
                    throw new ClientGoneException();
                }
                left = changed.awaitNanos(left);
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
