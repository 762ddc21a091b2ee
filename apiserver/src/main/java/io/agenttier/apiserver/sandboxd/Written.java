package io.agenttier.apiserver.sandboxd;

/**
 * A file that was written.
 *
 * @param created it did not exist before
 * @param bytes size of the file now
 */
public record Written(boolean created, String path, long bytes) {}
