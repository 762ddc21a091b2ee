package io.agenttier.cli.command;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies a file or folder out of a sandbox. What the sandbox says about names and links is not trusted: nothing is written outside the place that
 * the user gave, so links come last and only where they point into the copy.
 */
final class CopyOut {
    private record Folder(RemotePath from, Path to, RemoteEntry entry) {}

    private record Link(Path at, String target) {}

    private final Session session;
    private final RemoteFiles files;
    private final CopyCrew crew;

    CopyOut(Session session) {
        this.session = session;
        this.files = new RemoteFiles(session);
        this.crew = new CopyCrew(session.output());
    }

    int run(RemotePath from, Path to) throws IOException {
        var entry = files.stat(from);
        if (entry.isEmpty()) {
            throw new FailedException("%s does not exist".formatted(from));
        }
        var place = Files.isDirectory(to) && !from.baseName().isEmpty() ? to.resolve(from.baseName()) : to;
        if (!entry.get().isDir()) {
            crew.copy(from.toString(), () -> file(from, place, entry.get()));
            crew.finish();
            return crew.conclude(place.toString());
        }
        tree(new Folder(from, place, entry.get()));
        return crew.conclude(place.toString());
    }

    private void tree(Folder root) throws IOException {
        var folders = new ArrayList<Folder>();
        var links = new ArrayList<Link>();
        var open = new ArrayDeque<Folder>();
        for (var folder = root; folder != null; folder = open.poll()) {
            var here = folder;
            Files.createDirectories(here.to());
            folders.add(here);
            files.list(here.from(), entry -> visit(here, entry, open, links));
        }
        crew.finish();
        for (var link : links) {
            link(root.to(), link);
        }
        // the inner ones first: writing into a folder changes its time
        for (var folder : folders.reversed()) {
            LocalFile.restore(folder.to(), folder.entry().mode(), folder.entry().modifiedAt());
        }
    }

    private void visit(Folder in, RemoteEntry entry, ArrayDeque<Folder> open, List<Link> links) throws IOException {
        var obstacle = entry.obstacle();
        if (obstacle.isPresent()) {
            crew.leftOut(in.from() + "/" + entry.name(), obstacle.get());
            return;
        }
        var from = in.from().child(entry.name());
        Path to;
        try {
            to = in.to().resolve(entry.name());
        } catch (InvalidPathException e) {
            crew.leftOut(from.toString(), LocalName.OTHER_LOCALE);
            return;
        }
        if (!entry.linkTarget().isEmpty()) {
            links.add(new Link(to, entry.linkTarget()));
        } else if (!entry.isDir()) {
            crew.copy(from.toString(), () -> file(from, to, entry));
        } else if (Files.isSymbolicLink(to)) {
            crew.leftOut(from.toString(), "%s is a link here: a folder is not written through it".formatted(to));
        } else {
            open.add(new Folder(from, to, entry));
        }
    }

    private long file(RemotePath from, Path to, RemoteEntry entry) throws IOException {
        if (Files.isDirectory(to)) {
            throw new FailedException("%s is a folder here".formatted(to));
        }
        var download = new Download(
                session.api(),
                files.call(from).toString(),
                session.backoff(),
                session.interrupts(),
                total -> new Progress(session.output(), from.toString(), total));
        try (var sink = LocalFile.at(to, from.baseName(), session.interrupts())) {
            long bytes = download.into(sink);
            if (entry.linkTarget().isEmpty()) {
                LocalFile.restore(to, "", entry.modifiedAt());
            }
            return bytes;
        }
    }

    private void link(Path root, Link link) throws IOException {
        var parent = link.at().toAbsolutePath().normalize().getParent();
        boolean pointsInside = parent != null
                && !link.target().startsWith("/")
                && parent.resolve(link.target())
                        .normalize()
                        .startsWith(root.toAbsolutePath().normalize());
        if (!pointsInside) {
            crew.leftOut(link.at().toString(), "a link to %s, outside of what is copied".formatted(link.target()));
            return;
        }
        try {
            var temporary = link.at()
                    .resolveSibling(LocalFile.TEMPORARY
                            + Long.toHexString(session.random().nextLong()));
            Files.createSymbolicLink(temporary, root.getFileSystem().getPath(link.target()));
            Files.move(temporary, link.at(), StandardCopyOption.REPLACE_EXISTING);
        } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException e) {
            crew.leftOut(link.at().toString(), "a folder stands where a link should");
        }
    }
}
