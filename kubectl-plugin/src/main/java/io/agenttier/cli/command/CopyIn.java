package io.agenttier.cli.command;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;

/** Copies a file or folder into a sandbox. Links are not followed and not copied: the files API makes none. */
final class CopyIn {
    private final Session session;
    private final RemoteFiles files;
    private final CopyCrew crew;

    CopyIn(Session session) {
        this.session = session;
        this.files = new RemoteFiles(session);
        this.crew = new CopyCrew(session.output());
    }

    int run(Path from, RemotePath to) throws IOException {
        if (!Files.exists(from)) {
            throw new FailedException("there is no file %s".formatted(from));
        }
        var name = from.toRealPath(LinkOption.NOFOLLOW_LINKS).getFileName();
        boolean isInside = files.stat(to).map(RemoteEntry::isDir).orElse(false);
        boolean isContent = from.endsWith(".");
        var place = isInside && name != null && !isContent ? to.child(name.toString()) : to;
        if (Files.isDirectory(from)) {
            Files.walkFileTree(from, new Tree(from, place));
        } else {
            copy(from, place);
        }
        crew.finish();
        return crew.conclude(place.toString());
    }

    private void copy(Path from, RemotePath to) throws IOException {
        crew.copy(from.toString(), () -> {
            var progress = new Progress(session.output(), from.toString(), Files.size(from));
            try (var content = Files.newInputStream(from)) {
                return new Upload(
                                session.api(),
                                files.call(to),
                                LocalFile.mode(from),
                                session.backoff(),
                                session.interrupts(),
                                progress)
                        .from(content);
            }
        });
    }

    private final class Tree extends SimpleFileVisitor<Path> {
        private final Path root;
        private final RemotePath place;
        private final Map<Path, Integer> children = new HashMap<>();

        Tree(Path root, RemotePath place) {
            this.root = root;
            this.place = place;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            count(folder);
            children.put(folder, 0);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            count(file);
            if (attributes.isRegularFile()) {
                var to = place;
                for (var part : root.relativize(file)) {
                    to = to.child(part.toString());
                }
                copy(file, to);
            } else {
                crew.leftOut(file.toString(), attributes.isSymbolicLink() ? "a link" : "no regular file");
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            count(file);
            crew.leftOut(file.toString(), String.valueOf(e.getMessage()));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, java.io.@org.jspecify.annotations.Nullable IOException e)
                throws IOException {
            if (e != null) {
                crew.leftOut(folder.toString(), String.valueOf(e.getMessage()));
            } else if (Integer.valueOf(0).equals(children.remove(folder))) {
                crew.leftOut(folder.toString(), "an empty folder, which the files API cannot make");
            }
            return FileVisitResult.CONTINUE;
        }

        private void count(Path child) {
            var parent = child.getParent();
            if (parent != null) {
                children.computeIfPresent(parent, (folder, count) -> count + 1);
            }
        }
    }
}
