package io.agenttier.cli.output;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Standard output and standard error, unbuffered and exact to the byte. Safe for several threads. */
public final class Output {
    private final OutputStream out;
    private final OutputStream err;
    private final boolean errorsOnTerminal;

    /** @param errorsOnTerminal whether {@code err} is a terminal, so that progress makes sense there */
    public Output(OutputStream out, OutputStream err, boolean errorsOnTerminal) {
        this.out = out;
        this.err = err;
        this.errorsOnTerminal = errorsOnTerminal;
    }

    /** Those of this process. */
    public static Output ofProcess(boolean errorsOnTerminal) {
        return new Output(
                new FileOutputStream(FileDescriptor.out), new FileOutputStream(FileDescriptor.err), errorsOnTerminal);
    }

    public boolean errorsOnTerminal() {
        return errorsOnTerminal;
    }

    /** @throws OutputClosedException if nobody takes it */
    public synchronized void data(byte[] bytes, int offset, int length) throws OutputClosedException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw new OutputClosedException(e);
        }
    }

    /** @throws OutputClosedException if nobody takes it */
    public void line(String text) throws OutputClosedException {
        var bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        data(bytes, 0, bytes.length);
    }

    /** Bytes that a command wrote to its standard error. Losing ours is no reason to stop the command. */
    public synchronized void errorData(byte[] bytes, int offset, int length) {
        try {
            err.write(bytes, offset, length);
        } catch (IOException ignored) {
            // there is no further place to say so
        }
    }

    /** One line for the user on standard error. */
    public void problem(String text) {
        var bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        errorData(bytes, 0, bytes.length);
    }

    /** Replaces the last line of progress; only where {@link #errorsOnTerminal()}. */
    public void progress(String text) {
        if (errorsOnTerminal) {
            var bytes = ("\r\u001b[K" + text).getBytes(StandardCharsets.UTF_8);
            errorData(bytes, 0, bytes.length);
        }
    }
}
