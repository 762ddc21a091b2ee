package io.agenttier.cli.command;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The user's terminal, by {@code stty} of the system: Java cannot make it raw. */
final class Terminal {
    private static final File DEVICE = new File("/dev/tty");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,4}) ([0-9]{1,4})");
    private static final int MAX = 1000;

    private Terminal() {}

    static Terminal ofProcess() {
        return new Terminal();
    }

    /** Settings to go back to. Doing so twice does no harm. */
    static final class Raw {
        private final String saved;

        private Raw(String saved) {
            this.saved = saved;
        }

        void restore() {
            try {
                stty(saved);
            } catch (IOException e) {
                // the terminal is gone, or the user has to call stty sane
            }
        }
    }

    /**
     * From now on every key comes as it is, Ctrl-C too, and none is echoed.
     *
     * @throws FailedException if there is no terminal or no {@code stty}
     */
    Raw raw() throws IOException {
        var saved = stty("-g").strip();
        if (!saved.matches("[0-9a-zA-Z:=,;_-]+")) {
            throw new FailedException("stty -g gave \"%s\": expected settings of the terminal".formatted(saved));
        }
        var raw = new Raw(saved);
        try {
            stty("raw", "-echo");
        } catch (IOException e) {
            raw.restore();
            throw e;
        }
        return raw;
    }

    /** Empty if there is no terminal, or it does not know. */
    Optional<TerminalSize> size() {
        try {
            var size = SIZE.matcher(stty("size").strip());
            if (size.matches()) {
                int rows = Integer.parseInt(size.group(1));
                int columns = Integer.parseInt(size.group(2));
                if (rows > 0 && columns > 0) {
                    return Optional.of(new TerminalSize(Math.min(columns, MAX), Math.min(rows, MAX)));
                }
            }
        } catch (IOException e) {
            // then the server's default applies
        }
        return Optional.empty();
    }

    private static String stty(String... words) throws IOException {
        var command = new java.util.ArrayList<String>();
        command.add("stty");
        command.addAll(java.util.List.of(words));
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectInput(DEVICE)
                    .redirectError(Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new FailedException("a terminal needs /dev/tty and the program stty: " + e.getMessage());
        }
        var said = new String(process.getInputStream().readNBytes(4096), StandardCharsets.US_ASCII);
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new FailedException("stty did not end within 5 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted");
        }
        if (process.exitValue() != 0) {
            throw new FailedException("stty %s failed: is there a terminal?".formatted(String.join(" ", words)));
        }
        return said;
    }
}
