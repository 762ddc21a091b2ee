package io.agenttier.api.port;

import io.agenttier.api.DeclaredPort;
import io.agenttier.api.Names;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which sandboxes have names that leave room for those of their ports. */
public final class PortNames {
    private PortNames() {}

    /**
     * What keeps a sandbox of that name from having these ports.
     *
     * @param previews null where there are none
     */
    public static Optional<String> problem(String sandbox, List<DeclaredPort> ports, @Nullable PreviewHosts previews) {
        if (!ports.isEmpty() && sandbox.length() > Names.SANDBOX_WITH_PORTS_MAX) {
            return Optional.of(
                    "the name of a sandbox with ports has at most %d characters, so that its Services can be named pf-<name>-<port>, and \"%s\" has %d: leave out the ports, or make a sandbox with a shorter name"
                            .formatted(Names.SANDBOX_WITH_PORTS_MAX, sandbox, sandbox.length()));
        }
        if (previews != null
                && sandbox.length() > previews.sandboxNameMax()
                && ports.stream().anyMatch(DeclaredPort::speaksHttp)) {
            return Optional.of(
                    "the name of a sandbox with an http port has at most %d characters, so that its previews can be named %s, and \"%s\" has %d: declare the port as tcp, or make a sandbox with a shorter name"
                            .formatted(previews.sandboxNameMax(), previews.template(), sandbox, sandbox.length()));
        }
        return Optional.empty();
    }
}
