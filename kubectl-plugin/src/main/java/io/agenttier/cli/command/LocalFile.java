package io.agenttier.cli.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** A local file that appears whole or not at all: written beside its place, moved there at the end. */
final class LocalFile implements FileSink {
    /** In the order of the bits from 0400 to 0001. */
    private static final PosixFilePermission[] BITS = {
        PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE,
        PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_EXECUTE,
        PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_EXECUTE
    };

    /** Begins the names of files that are being written; the name of the whole could be too long with an addition. */
    static final String TEMPORARY = ".agenttier-";

    private final Path place;
    private final Path temporary;
    private final OutputStream out;
    private final Interrupts interrupts;
    private final Runnable removal;

    private LocalFile(Path place, Path temporary, OutputStream out, Interrupts interrupts) {
        this.place = place;
        this.temporary = temporary;
        this.out = out;
        this.interrupts = interrupts;
        this.removal = temporary.toFile()::delete;
        interrupts.halfDone(removal);
    }

    /**
     * Opens it. An interrupt takes away what is not whole.
     *
     * @param place where it is to stand; a folder means {@code name} in it
     */
    static FileSink at(Path place, String name, Interrupts interrupts) throws IOException {
        var file = Files.isDirectory(place) ? place.resolve(name) : place;
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            return new Device(Files.newOutputStream(file));
        }
        var folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new FailedException("cannot write %s: there is no folder %s".formatted(file, folder));
        }
        var temporary = Files.createTempFile(folder, TEMPORARY, ".part");
        return new LocalFile(file, temporary, Files.newOutputStream(temporary), interrupts);
    }

    /** Text of the permission bits of a local file, for example {@code 0755}; empty where the file system has none. */
    static String mode(Path file) throws IOException {
        var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return "";
        }
        var permissions = view.readAttributes().permissions();
        int mode = 0;
        for (var bit : BITS) {
            mode = mode << 1 | (permissions.contains(bit) ? 1 : 0);
        }
        return "0%03o".formatted(mode);
    }

    /** Gives a file or folder its permissions and time, where they are known; a device and another file system's limits are left alone. */
    static void restore(Path file, String mode, Optional<FileTime> modified) throws IOException {
        if (!Files.isRegularFile(file) && !Files.isDirectory(file)) {
            return;
        }
        var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view != null && mode.matches("0?[0-7]{3}")) {
            view.setPermissions(permissions(Integer.parseInt(mode, 8)));
        }
        if (modified.isPresent()) {
            Files.setLastModifiedTime(file, modified.get());
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
    }

    @Override
    public void complete(String mode, String lastModified) throws IOException {
        out.close();
        var view = Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
        if (view != null) {
            view.setPermissions(permissions(mode.matches("0?[0-7]{3}") ? Integer.parseInt(mode, 8) : 0644));
        }
        if (!lastModified.isEmpty()) {
            try {
                var time = ZonedDateTime.parse(lastModified, DateTimeFormatter.RFC_1123_DATE_TIME);
                Files.setLastModifiedTime(temporary, FileTime.from(time.toInstant()));
            } catch (DateTimeException e) {
                // a server that does not know when it was changed leaves us the time of copying
            }
        }
        try {
            Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(temporary, place, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
        Files.deleteIfExists(temporary);
        interrupts.settled(removal);
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        var permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int i = 0; i < BITS.length; i++) {
            if ((mode & 0400 >> i) != 0) {
                permissions.add(BITS[i]);
            }
        }
        return permissions;
    }

    /** A pipe or device, which is written in place. */
    private record Device(OutputStream out) implements FileSink {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void complete(String mode, String lastModified) throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
