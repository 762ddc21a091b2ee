package io.agenttier.controller.plan;

/** What state a pod is in, as far as its sandbox is concerned. */
public sealed interface PodState {
    /** Not ready yet, nothing wrong so far. {@code reason} is one of PodReady's. */
    record Starting(String reason, String message) implements PodState {}

    /** Cannot start as it is: a condition shows it at once, Error follows after the deadline. */
    record Stuck(String reason, String message) implements PodState {}

    /** sandboxd answers and the start sequence has ended. */
    record Ready(String node) implements PodState {}

    /** It runs, but sandboxd does not answer the kubelet. */
    record Unready(String message) implements PodState {}

    /** Container {@code sandbox} is ready and a sidecar is not; {@code crashing} if it ends again and again. */
    record SidecarDown(String message, boolean crashing) implements PodState {}

    /** Its node does not answer; what became of it is not known. */
    record NodeLost(String node) implements PodState {}

    /** The declared command ended, told by sandboxd's final record. */
    record ApplicationExited(int code, String signal) implements PodState {
        String sentence() {
            return signal.isEmpty()
                    ? "the command of the sandbox exited with code " + code
                    : "the command of the sandbox was ended by signal " + signal;
        }
    }

    /** The start sequence failed, told by sandboxd's final record. */
    record StartFailed(String reason, String message) implements PodState {}

    /** It ended for a reason that is not the application's. {@code cause} is one word, such as OOMKilled. */
    record Failed(String cause, String message) implements PodState {}

    /** Nothing of it runs any more. */
    default boolean hasEnded() {
        return switch (this) {
            case ApplicationExited _, StartFailed _, Failed _ -> true;
            case Starting _, Stuck _, Ready _, Unready _, SidecarDown _, NodeLost _ -> false;
        };
    }
}
