package io.agenttier.cli.command;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies a file or folder into a sandbox, with permissions and times. A link that is named itself is followed; those in a folder are not copied, since the
 * files API makes none, and told.
 */
final class CopyIn {
    private record Folder(Path from, RemotePath to, FileProperties properties) {}

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
        var source = from.toRealPath();
        if (Files.isDirectory(source)) {
            var tree = new Tree(source, place);
            Files.walkFileTree(source, tree);
            crew.finish();
            // a folder that takes the content of another keeps its own properties
            make(tree.folders.subList(isInside && isContent ? 1 : 0, tree.folders.size()));
        } else {
            copy(from, place, Files.readAttributes(source, BasicFileAttributes.class));
        }
        crew.finish();
        return crew.conclude(place.toString());
    }

    private void copy(Path from, RemotePath to, BasicFileAttributes attributes) throws IOException {
        crew.copy(from.toString(), () -> {
            var progress = new Progress(session.output(), from.toString(), attributes.size());
            try (var content = Files.newInputStream(from)) {
                return new Upload(session, to, FileProperties.of(from, attributes), progress).from(content);
            }
        });
    }

    /** The deepest first, when all is in them: writing into a folder changes its time, and its permissions may forbid it. */
    private void make(List<Folder> folders) throws IOException {
        int deepest = folders.stream().mapToInt(CopyIn::depth).max().orElse(0);
        for (int depth = deepest; depth >= 0; depth--) {
            for (var folder : folders) {
                if (depth(folder) == depth) {
                    crew.work(folder.from().toString(), () -> files.makeFolder(folder.to(), folder.properties()));
                }
            }
            crew.finish();
        }
    }

    private static int depth(Folder folder) {
        return folder.from().getNameCount();
    }

    private final class Tree extends SimpleFileVisitor<Path> {
        private final Path root;
        private final RemotePath place;
        private final List<Folder> folders = new ArrayList<>();

        Tree(Path root, RemotePath place) {
            this.root = root;
            this.place = place;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
            if (isUnspeakable(folder)) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            folders.add(new Folder(folder, remote(folder), FileProperties.of(folder, attributes)));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (attributes.isSymbolicLink()) {
                crew.leftOut(
                        file.toString(),
                        "a link to %s, which the files API cannot make".formatted(Files.readSymbolicLink(file)));
            } else if (!attributes.isRegularFile()) {
                crew.leftOut(file.toString(), "no regular file");
            } else if (!isUnspeakable(file)) {
                copy(file, remote(file), attributes);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            crew.leftOut(file.toString(), String.valueOf(e.getMessage()));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
            if (e != null) {
                crew.leftOut(folder.toString(), String.valueOf(e.getMessage()));
            }
            return FileVisitResult.CONTINUE;
        }

        private boolean isUnspeakable(Path file) {
            var obstacle = LocalName.obstacle(file);
            obstacle.ifPresent(why -> crew.leftOut(file.toString(), why));
            return obstacle.isPresent();
        }

        private RemotePath remote(Path file) {
            var to = place;
            for (var part : root.relativize(file)) {
                if (!part.toString().isEmpty()) {
                    to = to.child(part.toString());
                }
            }
            return to;
        }
    }
}
