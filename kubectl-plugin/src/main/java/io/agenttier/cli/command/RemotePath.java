package io.agenttier.cli.command;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A place in a sandbox as {@code cp} writes it, {@code NAME:PATH}.
 *
 * @param path absolute or relative to the workspace, without a slash at its end; {@code .} is the workspace
 */
record RemotePath(String sandbox, String path) {
    private static final Pattern FORM = Pattern.compile("([a-z0-9][-.a-z0-9]*):(.*)", Pattern.DOTALL);

    /** Empty for a local path; one with a colon is written {@code ./a:b}. */
    static Optional<RemotePath> parse(String word) throws UsageException {
        var parts = FORM.matcher(word);
        if (!parts.matches()) {
            return Optional.empty();
        }
        var path = parts.group(2);
        while (path.length() > 1 && path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return Optional.of(new RemotePath(Names.checked("sandbox", parts.group(1)), path.isEmpty() ? "." : path));
    }

    /** The last name; empty where the path ends with none, as {@code .} and {@code /}. */
    String baseName() {
        var name = path.substring(path.lastIndexOf('/') + 1);
        return name.equals(".") || name.equals("..") ? "" : name;
    }

    RemotePath child(String name) {
        return new RemotePath(sandbox, path.equals(".") ? name : path.endsWith("/") ? path + name : path + "/" + name);
    }

    /** Another name in the same folder. */
    RemotePath sibling(String name) {
        return new RemotePath(sandbox, path.substring(0, path.lastIndexOf('/') + 1) + name);
    }

    @Override
    public String toString() {
        return sandbox + ":" + path;
    }
}
