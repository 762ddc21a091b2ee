package io.agenttier.cli.command;

import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.WebSocket;
import java.io.IOException;
import java.util.Optional;

/** The shell of a named terminal session. */
final class TerminalShell {
    private TerminalShell() {}

    /**
     * Finds the shell that runs under that name, or has one started, and says where its last screen begins. From then on it is a process like
     * others: a connection that is cut goes on at its offset, and never in another shell.
     *
     * @param size of our terminal
     */
    static AttachCommand.Joined join(Session session, String sandbox, String name, Optional<TerminalSize> size)
            throws IOException {
        var path = ApiPath.subresource(session.namespace(), sandbox, "attach").query("session", name);
        if (size.isPresent()) {
            path = path.query("cols", String.valueOf(size.get().columns()))
                    .query("rows", String.valueOf(size.get().rows()));
        }
        try (var socket =
                WebSocket.open(session.api(), path, session.surroundings().silence())) {
            var id = socket.header("AgentTier-Process").orElse("");
            var offset = socket.header("AgentTier-Offset").orElse("");
            if (id.isEmpty() || !offset.matches("[0-9]{1,18}")) {
                throw new FailedException(
                        "the server's answer names no process or no offset: \"%s\", \"%s\"".formatted(id, offset));
            }
            return new AttachCommand.Joined(
                    new SandboxProcess(session.namespace(), sandbox, id, true), Long.parseLong(offset), true, true);
        }
    }
}
