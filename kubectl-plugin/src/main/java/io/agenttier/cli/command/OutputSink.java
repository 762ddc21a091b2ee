package io.agenttier.cli.command;

import io.agenttier.cli.output.Output;
import java.io.IOException;

/** Standard output. What has been written there cannot be dropped. */
record OutputSink(Output output) implements FileSink {
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        output.data(bytes, offset, length);
    }

    @Override
    public void complete(String mode, String lastModified) {}

    @Override
    public void close() {}
}
