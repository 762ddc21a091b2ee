package io.agenttier.apiserver.sandboxd;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A page of a directory, sorted by name.
 *
 * @param path of the directory
 * @param resume where the next page begins; empty if this is the last
 */
public record FileListing(String path, List<FileEntry> entries, String resume) {
    private static final int ENTRIES = 5_000;
    private static final int PATH_CHARS = 4096;
    private static final int RESUME_CHARS = 8192;

    public FileListing {
        entries = List.copyOf(entries);
    }

    static FileListing from(Fields fields) throws MisbehavedException {
        var items = fields.list("entries");
        if (items.size() > ENTRIES) {
            throw new MisbehavedException("the answer lists more than %d files".formatted(ENTRIES));
        }
        var entries = new ArrayList<FileEntry>(items.size());
        for (@Nullable Object item : items) {
            if (!(item instanceof Map<?, ?> map)) {
                throw new MisbehavedException("the list of files holds something else");
            }
            entries.add(FileEntry.from(new Fields(map)));
        }
        return new FileListing(fields.exact("path", PATH_CHARS), entries, fields.exact("continue", RESUME_CHARS));
    }
}
