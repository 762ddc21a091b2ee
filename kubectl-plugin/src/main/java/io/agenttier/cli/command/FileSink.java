package io.agenttier.cli.command;

import java.io.IOException;

/** Where a downloaded file goes. */
interface FileSink extends AutoCloseable {
    void write(byte[] bytes, int offset, int length) throws IOException;

    /**
     * All is there.
     *
     * @param mode permission bits as an octal text such as {@code 0644}, or empty
     * @param lastModified as HTTP says it, or empty
     */
    void complete(String mode, String lastModified) throws IOException;

    /** Drops what was not completed. */
    @Override
    void close() throws IOException;
}
