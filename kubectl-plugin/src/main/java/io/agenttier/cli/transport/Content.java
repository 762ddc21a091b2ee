package io.agenttier.cli.transport;

import java.io.IOException;
import java.io.OutputStream;

/** The body of a call. It is written anew each time the call is repeated. */
public interface Content {
    /** How many bytes it has. */
    long length();

    /**
     * Writes all of it.
     *
     * @throws SourceException if it cannot be had, so that {@link #length()} bytes will not come
     */
    void writeTo(OutputStream out) throws IOException;

    /** @param bytes must not change until the call is over */
    static Content of(byte[] bytes) {
        return new Content() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(bytes);
            }
        };
    }
}
