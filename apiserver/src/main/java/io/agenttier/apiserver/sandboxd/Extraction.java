package io.agenttier.apiserver.sandboxd;

/** What became of an archive that was sent. */
public sealed interface Extraction {
    /**
     * It is extracted.
     *
     * @param path the folder, absolute
     * @param files put in place, links included
     * @param bytes of the files
     */
    record Done(String path, long files, long bytes) implements Extraction {}

    /** More is to come, from {@code offset} on; after the last part the same part again, since extracting takes long. */
    record Awaited(long offset) implements Extraction {}
}
