package io.agenttier.cli.command;

import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.transport.WebSocket;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;

/** One connection here, joined to one of the sandbox's. Each way waits for the slower side; the end of each is passed on by itself. */
final class ForwardedConnection implements AutoCloseable {
    private static final int PIECE_BYTES = 32 * 1024;

    private final Socket local;

    ForwardedConnection(Socket local) {
        this.local = local;
    }

    /**
     * Carries both ways until both have ended. Closes the socket.
     *
     * @throws IOException the sandbox's side ended otherwise; whoever is connected here is then to see a reset
     */
    void carry(WebSocket remote) throws IOException {
        try (remote) {
            Thread.ofPlatform().daemon().name("forward-up").start(() -> send(remote));
            receive(remote);
        }
    }

    /** What was cut must not look like an end. */
    void fail() {
        try {
            local.setSoLinger(true, 0);
        } catch (IOException e) {
            // it is gone already
        }
    }

    private void send(WebSocket remote) {
        var buffer = new byte[PIECE_BYTES];
        try {
            var in = local.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                remote.send(Channels.stdin(Arrays.copyOf(buffer, count)));
            }
            remote.send(Channels.endOfStdin());
        } catch (IOException e) {
            // one of the sides is gone: the other must not take that for an end
            remote.close();
        }
    }

    private void receive(WebSocket remote) throws IOException {
        boolean succeeded = false;
        for (var message = remote.receive(); message != null; message = remote.receive()) {
            if (message.length == 0) {
                continue;
            }
            switch (message[0] & 0xFF) {
                case Channels.STDOUT -> {
                    if (!write(message)) {
                        return;
                    }
                }
                case Channels.HALF_CLOSE -> endOutput();
                case Channels.STATUS -> {
                    var outcome =
                            ChannelStatus.outcome(JsonReader.parse(Arrays.copyOfRange(message, 1, message.length)));
                    if (outcome.exitCode() != 0) {
                        throw new IOException(outcome.message().orElse("it was broken"));
                    }
                    succeeded = true;
                }
                default -> {
                    // no other channel has a meaning here
                }
            }
        }
        if (!succeeded) {
            var why = remote.closeReason();
            throw new IOException("the connection was closed" + (why.isEmpty() ? "" : ": " + why));
        }
    }

    /** @return false if whoever was connected here is gone, which the sandbox's side then sees as a reset */
    private boolean write(byte[] message) {
        try {
            local.getOutputStream().write(message, 1, message.length - 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void endOutput() {
        try {
            if (!local.isOutputShutdown()) {
                local.shutdownOutput();
            }
        } catch (IOException e) {
            // it is gone already
        }
    }

    @Override
    public void close() {
        try {
            local.close();
        } catch (IOException e) {
            // the descriptor is released whatever close says
        }
    }
}
