package io.agenttier.apiserver.resource;

import io.agenttier.api.DeclaredPort;
import io.agenttier.api.port.PortNames;
import io.agenttier.api.port.PreviewHosts;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiError.Cause;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a call makes of the ports that calls declared. Pure. */
sealed interface PortChange {
    /** Write {@code own} as all of them. */
    record Apply(List<DeclaredPort> own) implements PortChange {}

    /** It is so already. */
    record Nothing() implements PortChange {}

    record Refused(ApiError error) implements PortChange {}

    /** @param previews null where there are none */
    static PortChange add(PortSet set, DeclaredPort port, @Nullable PreviewHosts previews) {
        var present = set.find(port.port());
        if (present.isPresent()) {
            return present.get().protocolOrDefault().equals(port.protocolOrDefault())
                    ? new Nothing()
                    : new Refused(otherProtocol(set, present.get()));
        }
        if (set.deleting()) {
            return new Refused(
                    conflict(set, "sandbox \"%s\" is being deleted, it gets no more ports".formatted(set.name())));
        }
        var all = Stream.concat(set.declared().stream(), Stream.of(port)).toList();
        return PortNames.problem(set.name(), all, previews)
                .<PortChange>map(problem -> new Refused(new ApiError.Invalid(
                        "Sandbox", set.name(), List.of(new Cause("FieldValueInvalid", "spec.ports", problem)))))
                .orElseGet(() -> new Apply(
                        Stream.concat(set.ofCalls().stream(), Stream.of(port)).toList()));
    }

    static PortChange remove(PortSet set, int port) {
        if (set.find(port).isEmpty()) {
            return new Refused(notDeclared(set, port));
        }
        var others = owners(set, port);
        if (others.isPresent()) {
            return new Refused(conflict(
                    set,
                    "port %d of sandbox \"%s\" is declared by %s: remove it from spec.ports there"
                            .formatted(port, set.name(), others.get())));
        }
        return new Apply(set.ofCalls().stream().filter(d -> d.port() != port).toList());
    }

    private static ApiError otherProtocol(PortSet set, DeclaredPort present) {
        var remedy = owners(set, present.port())
                .map(others -> "by %s: change spec.ports there".formatted(others))
                .orElseGet(() -> "by a call: run \"kubectl sandbox ports remove %s %d\" first"
                        .formatted(set.name(), present.port()));
        return conflict(
                set,
                "port %d of sandbox \"%s\" is declared as %s %s"
                        .formatted(present.port(), set.name(), present.protocolOrDefault(), remedy));
    }

    private static ApiError notDeclared(PortSet set, int port) {
        var template = set.reachable(port).isPresent() ? ": its template declares it, change that" : "";
        return new ApiError.NotFound(
                "sandboxes",
                set.name(),
                "port %d is not declared in spec.ports of sandbox \"%s\"%s".formatted(port, set.name(), template));
    }

    /** Who has to be asked about a port that calls do not own alone; empty if they do. */
    private static Optional<String> owners(PortSet set, int port) {
        var others = set.others().getOrDefault(port, List.of());
        if (others.isEmpty()) {
            return set.own().contains(port) ? Optional.empty() : Optional.of("a field manager that is not recorded");
        }
        return Optional.of(others.stream()
                .map(manager -> "\"" + Parameters.printable(manager) + "\"")
                .collect(Collectors.joining(" and ")));
    }

    private static ApiError conflict(PortSet set, String message) {
        return new ApiError.Conflict("sandboxes", set.name(), message);
    }
}
