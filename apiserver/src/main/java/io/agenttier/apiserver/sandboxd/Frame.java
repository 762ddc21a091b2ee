package io.agenttier.apiserver.sandboxd;

/** One frame of a stream of output. Offsets count the bytes of the view asked for. */
public sealed interface Frame {
    /** First frame of every stream. */
    record Started(ProcessInfo process) implements Frame {}

    /**
     * @param offset of the first byte
     * @param bytes not empty, at most 1 MiB; not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Output(Stream stream, long offset, byte[] bytes) implements Frame {
        /** Position after the last byte. */
        public long end() {
            return offset + bytes.length;
        }
    }

    /** Bytes from {@code from} up to {@code to} were dropped by the quota. */
    record Gap(long from, long to) implements Frame {}

    /** @param offset end of the view */
    record Exited(Exit exit, long offset) implements Frame {}

    record KeepAlive() implements Frame {}

    /** Another client writes to the process from here on. */
    record StdinTaken() implements Frame {}

    /**
     * What is about to happen to the sandbox; told to terminals only.
     *
     * @param text one line for people, at most 1,024 characters; empty if what was told before will not happen
     */
    record Notice(String text) implements Frame {}
}
