package io.agenttier.api;

/** Values of {@code status.stopped.reason}; any other value is the reason of a failure. */
public final class StopReason {
    /** Somebody asked for it. */
    public static final String REQUESTED = "Requested";
    /** Nobody used the sandbox for {@code idleTimeout}. */
    public static final String IDLE_TIMEOUT = "IdleTimeout";
    /** The sandbox ran for {@code timeout}. */
    public static final String MAX_RUNTIME_REACHED = "MaxRuntimeReached";
    /** {@code shutdownTime} came. */
    public static final String SHUTDOWN_TIME = "ShutdownTime";
    /** The declared command ended: with code 0 the sandbox is Stopped, else in Error. */
    public static final String APPLICATION_EXITED = "ApplicationExited";

    private StopReason() {}
}
