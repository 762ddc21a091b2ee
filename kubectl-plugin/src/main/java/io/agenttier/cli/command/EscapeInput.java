package io.agenttier.cli.command;

import java.io.IOException;
import java.io.InputStream;

/** Keys of a terminal, in which {@code ~.} at the beginning of a line means to leave, as with ssh; {@code ~~} is one tilde. */
final class EscapeInput extends InputStream {
    private final InputStream keys;
    private final Runnable onLeave;
    private boolean atLineStart = true;
    private boolean afterTilde;
    private boolean hasLeft;

    EscapeInput(InputStream keys, Runnable onLeave) {
        this.keys = keys;
        this.onLeave = onLeave;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        int count = 0;
        while (count == 0) {
            count = read(one, 0, 1);
        }
        return count < 0 ? -1 : one[0] & 0xFF;
    }

    /** May give a tilde that was held back before the bytes that were read, so it reads one less than there is room for. */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (hasLeft) {
            onLeave.run();
            return -1;
        }
        var read = new byte[Math.max(1, length - 1)];
        int count = keys.read(read, 0, read.length);
        if (count < 0) {
            return -1;
        }
        int to = offset;
        for (int i = 0; i < count; i++) {
            byte key = read[i];
            if (afterTilde) {
                afterTilde = false;
                if (key == '.') {
                    hasLeft = true;
                    return to == offset ? read(into, offset, length) : to - offset;
                }
                if (key != '~') {
                    into[to++] = '~';
                }
            } else if (atLineStart && key == '~') {
                afterTilde = true;
                continue;
            }
            into[to++] = key;
            atLineStart = key == '\r' || key == '\n';
        }
        return to - offset;
    }
}
