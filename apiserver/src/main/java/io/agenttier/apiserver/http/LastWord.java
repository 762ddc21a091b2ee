package io.agenttier.apiserver.http;

/** What a call does when the server stops, whichever comes first. Any thread. */
final class LastWord {
    private Runnable action = () -> {};
    private boolean isSpoken;

    /** Replaces what was to be done before. */
    void is(Runnable newAction) {
        synchronized (this) {
            action = newAction;
            if (!isSpoken) {
                return;
            }
        }
        newAction.run();
    }

    void speak() {
        Runnable now;
        synchronized (this) {
            isSpoken = true;
            now = action;
        }
        now.run();
    }
}
