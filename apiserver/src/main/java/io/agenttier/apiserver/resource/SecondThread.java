package io.agenttier.apiserver.resource;

/** What a call does besides, and waits for before it ends. */
final class SecondThread {
    private final Thread thread;

    private SecondThread(Thread thread) {
        this.thread = thread;
    }

    static SecondThread start(String name, Runnable work) {
        return new SecondThread(Thread.ofVirtual().name(name).start(work));
    }

    /** Ends a wait of its. */
    void interrupt() {
        thread.interrupt();
    }

    /** Waits until it has ended. */
    void join() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
