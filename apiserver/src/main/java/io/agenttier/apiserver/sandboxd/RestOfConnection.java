package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.io.InputStream;

/** Everything that comes until the connection ends. */
final class RestOfConnection extends InputStream {
    private final WireInput in;

    RestOfConnection(WireInput in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        return in.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        return in.read(into, offset, length);
    }
}
