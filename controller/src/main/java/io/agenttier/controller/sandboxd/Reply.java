package io.agenttier.controller.sandboxd;

/** What a call to sandboxd came to. */
public sealed interface Reply<T> {
    record Answer<T>(T value) implements Reply<T> {}

    /** No whole answer came: nobody knows whether the call was acted on. Asking again is safe. */
    record Unreachable<T>(String why) implements Reply<T> {}

    /** sandboxd said no, with an HTTP status. */
    record Refused<T>(int status, String message) implements Reply<T> {}

    /** The pod answered with what no sandboxd says. Nothing of it is quoted. */
    record Misbehaved<T>(String why) implements Reply<T> {}
}
