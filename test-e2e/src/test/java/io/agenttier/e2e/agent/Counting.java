package io.agenttier.e2e.agent;

import io.agenttier.e2e.client.Hashes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * An agent that counts aloud: each second a round of lines of 64 bytes with running numbers to stdout, and a line to stderr. What it prints is
 * known beforehand, to the byte. It begins its last round when it finds {@link #GATE}.
 *
 * @param rounds of about a second each
 * @param lines in each round
 */
record Counting(int rounds, int lines) {
    static final int EXIT_CODE = 7;
    static final String GATE = "/workspace/last-round";
    static final String PROGRAM = """
            i=0
            while [ $i -lt $1 ]; do
              awk -v i=$((i * $2)) -v n=$(((i + 1) * $2)) 'BEGIN { for (; i < n; i++) printf "%%063d\\n", i }'
              echo "round $i" >&2
              i=$((i + 1))
              sleep 1
              if [ $i = $(($1 - 1)) ]; then until [ -e %s ]; do sleep 0.2; done; fi
            done
            exit %d
            """.formatted(GATE, EXIT_CODE);
    private static final int LINE_BYTES = 64;

    List<String> arguments() {
        return List.of(Integer.toString(rounds), Integer.toString(lines));
    }

    /** Both streams as one text, to compare by. */
    String expected() {
        var stdout = Hashes.sha256();
        for (var number = 0L; number < (long) rounds * lines; number++) {
            stdout.update("%063d\n".formatted(number).getBytes(StandardCharsets.US_ASCII));
        }
        var stderr = Hashes.sha256();
        var bytes = 0L;
        for (var round = 0; round < rounds; round++) {
            var line = "round " + round + "\n";
            bytes += line.length();
            stderr.update(line.getBytes(StandardCharsets.US_ASCII));
        }
        return told(EXIT_CODE, stdoutBytes(), stdout, bytes, stderr);
    }

    long stdoutBytes() {
        return (long) rounds * lines * LINE_BYTES;
    }

    static String told(int exitCode, long stdoutBytes, MessageDigest stdout, long stderrBytes, MessageDigest stderr) {
        return told(exitCode, stdoutBytes, hex(stdout), stderrBytes, hex(stderr));
    }

    static String told(int exitCode, long stdoutBytes, String stdout, long stderrBytes, String stderr) {
        return "exit code %d, %d bytes of stdout %s, %d of stderr %s"
                .formatted(exitCode, stdoutBytes, stdout, stderrBytes, stderr);
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
