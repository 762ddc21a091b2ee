package io.agenttier.e2e.integrity;

import io.agenttier.e2e.client.Hashes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Random;

/** Random bytes whose beginnings are what commands write: one for standard output and input, another for standard error. */
@SuppressWarnings("ArrayRecordComponent")
record Blobs(byte[] out, byte[] err) {
    static final int LARGEST = 64 << 20;

    static Blobs of(long seed) {
        return new Blobs(random(seed), random(seed + 1));
    }

    private static byte[] random(long seed) {
        var bytes = new byte[LARGEST];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    Path writeOut(Path folder) throws IOException {
        return Files.write(folder.resolve("out"), out);
    }

    /** SHA-256 in hex of the first bytes. */
    static String hash(byte[] source, int length) {
        var digest = Hashes.sha256();
        digest.update(source, 0, length);
        return HexFormat.of().formatHex(digest.digest());
    }
}
