package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.util.Optional;

/** Content of a file, or a document about files, as sandboxd sends it. Header fields are input: check each before passing it on. */
public final class Download implements AutoCloseable {
    /** 5,000 entries with the longest names, every character escaped. */
    private static final int DOCUMENT_BYTES = 16 << 20;

    private final Response response;

    Download(Response response) {
        this.response = response;
    }

    /** 200, 206 or 304. */
    public int status() {
        return response.status();
    }

    /** @param name in lower case */
    public Optional<String> field(String name) {
        return response.field(name);
    }

    /** @return bytes read, −1 at the proper end; a cut answer throws */
    public int read(byte[] into) throws IOException {
        return response.read(into, 0, into.length);
    }

    /** A small file as a whole, {@code length} as its header says. */
    public byte[] readAll(int length) throws IOException {
        return response.readAll(length);
    }

    /** Whether it is a document about files and not the content of one. */
    public boolean isDocument() {
        return response.field("content-type").orElse("").startsWith("application/json");
    }

    public FileListing listing() throws IOException {
        return FileListing.from(Fields.parse(response.readAll(DOCUMENT_BYTES)));
    }

    public FileEntry entry() throws IOException {
        return FileEntry.from(Fields.parse(response.readAll(DOCUMENT_BYTES)));
    }

    /** Cuts the connection. Any thread. */
    public void abort() {
        response.abort();
    }

    @Override
    public void close() {
        response.close();
    }
}
