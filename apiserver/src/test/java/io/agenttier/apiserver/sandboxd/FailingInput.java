package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.io.InputStream;

/** Gives some bytes and then fails. */
public final class FailingInput extends InputStream {
    private final String message;
    private int left;

    public FailingInput(int bytes, String message) {
        this.left = bytes;
        this.message = message;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        read(one, 0, 1);
        return one[0];
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (left == 0) {
            throw new IOException(message);
        }
        int count = Math.min(left, length);
        left -= count;
        return count;
    }
}
