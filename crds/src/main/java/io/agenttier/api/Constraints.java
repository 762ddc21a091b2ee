package io.agenttier.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Guard rails for calls through the API.
 *
 * @param maxFileSize Largest file that may be written by a call, such as 100Mi.
 * @param maxCommandTimeout Longest run time that a call may ask for, such as 10m.
 * @param restrictedCommands Programs that calls may not start.
 * @param restrictedPaths Paths that calls may not read or write.
 * @param allowedNetworkDests Destinations that are allowed; a layer replaces the list of the layer below it.
 * @param deniedNetworkDests Destinations that are denied; the lists of all layers add up.
 */
public record Constraints(
        @Nullable String maxFileSize,
        @Nullable String maxCommandTimeout,
        List<String> restrictedCommands,
        List<String> restrictedPaths,
        List<String> allowedNetworkDests,
        List<String> deniedNetworkDests) {
    public Constraints {
        restrictedCommands = Wire.list(restrictedCommands);
        restrictedPaths = Wire.list(restrictedPaths);
        allowedNetworkDests = Wire.list(allowedNetworkDests);
        deniedNetworkDests = Wire.list(deniedNetworkDests);
    }
}
