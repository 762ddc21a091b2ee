package io.agenttier.cli.command;

import io.agenttier.cli.transport.Content;
import io.agenttier.cli.transport.SourceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;

/**
 * A local file on its way into a configuration, as base64: the same content has the same hash, whoever sends it.
 *
 * @param remote its absolute path in the sandbox
 * @param size in bytes, before base64
 */
record ConfigureFile(String remote, Path local, long size) implements Content {
    static final long MAX_FILE = 32L * 1024 * 1024;
    static final long MAX_TOTAL = 4 * MAX_FILE;

    /** Divisible by three, so that pieces of base64 can stand one after the other. */
    private static final int PIECE = 48 * 1024;

    /** @param pair REMOTE=LOCAL */
    static ConfigureFile parse(String pair) throws IOException {
        int equals = pair.indexOf('=');
        if (equals <= 0 || equals == pair.length() - 1) {
            throw new UsageException("--file \"%s\" is invalid: expected REMOTE=LOCAL".formatted(pair));
        }
        var remote = pair.substring(0, equals);
        var local = Path.of(pair.substring(equals + 1));
        if (!remote.startsWith("/")) {
            throw new UsageException(
                    "--file \"%s\" is invalid: expected an absolute path below the workspace before the equals sign"
                            .formatted(pair));
        }
        if (!Files.exists(local)) {
            throw new FailedException("there is no file %s".formatted(local));
        }
        if (!Files.isRegularFile(local)) {
            throw new FailedException("%s is no regular file: --file takes single files".formatted(local));
        }
        return new ConfigureFile(remote, local, Files.size(local));
    }

    /** Those that one configuration cannot take: above the limit of a file, then the largest until the rest fits. */
    static List<ConfigureFile> tooLarge(List<ConfigureFile> files) {
        var left = new ArrayList<>(files);
        left.removeIf(file -> file.size() > MAX_FILE);
        while (left.stream().mapToLong(ConfigureFile::size).sum() > MAX_TOTAL) {
            left.remove(left.stream()
                    .max(Comparator.comparingLong(ConfigureFile::size))
                    .orElseThrow());
        }
        return files.stream().filter(file -> !left.contains(file)).toList();
    }

    @Override
    public long length() {
        return (size + 2) / 3 * 4;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        try (var content = open()) {
            long left = size;
            for (var piece = next(content); piece.length > 0; piece = next(content)) {
                left -= piece.length;
                if (left < 0) {
                    break;
                }
                out.write(Base64.getEncoder().encode(piece));
            }
            if (left != 0) {
                throw new SourceException(
                        "%s was changed while it was sent: it had %d bytes before".formatted(local, size));
            }
        }
    }

    private InputStream open() throws SourceException {
        try {
            return Files.newInputStream(local);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private byte[] next(InputStream content) throws SourceException {
        try {
            return content.readNBytes(PIECE);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private SourceException unreadable(IOException e) {
        return new SourceException("cannot read %s: %s".formatted(local, e));
    }
}
