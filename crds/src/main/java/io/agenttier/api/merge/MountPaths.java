package io.agenttier.api.merge;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which folders of container {@code sandbox} a user may put something over. */
final class MountPaths {
    /** The daemon's own folder, what every pod has, and what the container runtime fills. */
    private static final List<String> RESERVED = List.of("/.agenttier", "/tmp", "/proc", "/sys", "/dev");

    private MountPaths() {}

    /** What is expected instead of {@code path}, if it cannot be. */
    static Optional<String> conflict(String path, String workspace) {
        if (Stream.of(path.split("/", -1)).anyMatch(segment -> segment.equals(".") || segment.equals(".."))) {
            return Optional.of("must not contain the segments \".\" or \"..\"; write the path without them");
        }
        if (overlap(path, workspace)) {
            return Optional.of("expected a folder outside of spec.storage.mountPath (" + workspace + ")");
        }
        return RESERVED.stream()
                .filter(reserved -> overlap(path, reserved))
                .findFirst()
                .map(reserved -> "expected a folder outside of " + reserved + ", which is not the user's");
    }

    /** Whether one lies in the other. */
    static boolean overlap(String path, String other) {
        return (path + "/").startsWith(other + "/") || (other + "/").startsWith(path + "/");
    }
}
