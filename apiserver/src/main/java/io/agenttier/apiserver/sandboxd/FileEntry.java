package io.agenttier.apiserver.sandboxd;

import java.time.Instant;

/**
 * One entry of a directory.
 *
 * @param name exactly as in the directory, control characters included; bytes that are no UTF-8 are replaced
 * @param nameBase64 the exact name where it is not UTF-8, else empty
 * @param size in bytes
 * @param mode octal digits, for example {@code 0644}
 * @param linkTarget empty if it is no symbolic link
 */
public record FileEntry(
        String name, String nameBase64, long size, boolean isDir, String mode, Instant modifiedAt, String linkTarget) {
    private static final int PATH_CHARS = 4096;

    static FileEntry from(Fields fields) throws MisbehavedException {
        var mode = fields.name("mode");
        if (!mode.matches("[0-7]{1,6}")) {
            throw new MisbehavedException("the mode of a file is not octal");
        }
        return new FileEntry(
                fields.name("name"),
                fields.exact("nameBase64", PATH_CHARS),
                fields.count("size"),
                fields.flag("isDir"),
                mode,
                fields.time("modifiedAt"),
                fields.exact("linkTarget", PATH_CHARS));
    }
}
