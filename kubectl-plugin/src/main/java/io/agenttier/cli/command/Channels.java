package io.agenttier.cli.command;

import java.nio.charset.StandardCharsets;

/** Messages of {@code v5.channel.k8s.io}: the first byte names the channel. */
final class Channels {
    static final int STDOUT = 1;
    static final int STDERR = 2;
    static final int STATUS = 3;
    private static final int STDIN = 0;
    private static final int RESIZE = 4;
    static final int HALF_CLOSE = 255;

    private Channels() {}

    static byte[] stdin(byte[] bytes) {
        return on(STDIN, bytes);
    }

    static byte[] endOfStdin() {
        return on(HALF_CLOSE, new byte[] {STDIN});
    }

    static byte[] resize(TerminalSize size) {
        return on(
                RESIZE,
                "{\"Width\":%d,\"Height\":%d}"
                        .formatted(size.columns(), size.rows())
                        .getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] on(int channel, byte[] payload) {
        var message = new byte[payload.length + 1];
        message[0] = (byte) channel;
        System.arraycopy(payload, 0, message, 1, payload.length);
        return message;
    }
}
