package io.agenttier.e2e.drain;

import io.agenttier.e2e.client.Hashes;
import io.agenttier.e2e.cluster.Size;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HexFormat;
import java.util.Random;

/** Random bytes to upload: a block with each round of the pulse, the last one not before everything may end. */
record Feed(long seed, Pulse pulse) {
    static final int BLOCK = Size.of(2, 1) << 20;

    long bytes() {
        return (long) pulse.rounds() * BLOCK;
    }

    /** Writes all from this byte on, each as soon as its round has come. */
    void writeTo(OutputStream out, long from) throws IOException {
        for (var index = (int) (from / BLOCK); index < pulse.rounds(); index++) {
            pulse.await(index + 1);
            var skipped = (int) Math.max(0, from - (long) index * BLOCK);
            out.write(block(index), skipped, BLOCK - skipped);
            out.flush();
        }
    }

    /** SHA-256 of all, in hex. */
    String sha256() {
        var digest = Hashes.sha256();
        for (var index = 0; index < pulse.rounds(); index++) digest.update(block(index));
        return HexFormat.of().formatHex(digest.digest());
    }

    private byte[] block(int index) {
        var bytes = new byte[BLOCK];
        new Random(seed * 1_000_003 + index).nextBytes(bytes);
        return bytes;
    }
}
