package io.agenttier.e2e.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.joining;

import io.agenttier.e2e.client.Hashes;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An agent that counts aloud: each second a round of lines of 64 bytes with running numbers to stdout, and a line to stderr. What it prints is
 * known beforehand, to the byte. It begins its last round when it finds {@link #GATE}.
 *
 * @param rounds of about a second each
 * @param lines in each round
 */
public record Counting(int rounds, int lines) {
    public static final int EXIT_CODE = 7;
    public static final String GATE = "/workspace/last-round";
    public static final String PROGRAM = """
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

    public List<String> arguments() {
        return List.of(Integer.toString(rounds), Integer.toString(lines));
    }

    /** Both streams as one text, to compare by. */
    public String expected() {
        var stdout = Hashes.sha256();
        for (var number = 0L; number < (long) rounds * lines; number++) {
            stdout.update("%063d\n".formatted(number).getBytes(US_ASCII));
        }
        var stderr = Hashes.sha256();
        var bytes = 0L;
        for (var round = 0; round < rounds; round++) {
            var line = "round " + round + "\n";
            bytes += line.length();
            stderr.update(line.getBytes(US_ASCII));
        }
        return told(EXIT_CODE, stdoutBytes(), stdout, bytes, stderr);
    }

    /** All of stdout, where it is not much. */
    public byte[] stdout() {
        return IntStream.range(0, rounds)
                .mapToObj(this::lines)
                .collect(joining())
                .getBytes(US_ASCII);
    }

    /** All of stderr. */
    public byte[] stderr() {
        return IntStream.range(0, rounds)
                .mapToObj(round -> "round " + round + "\n")
                .collect(joining())
                .getBytes(US_ASCII);
    }

    /** Both as a terminal shows them. */
    public byte[] terminal() {
        return IntStream.range(0, rounds)
                .mapToObj(round -> lines(round) + "round " + round + "\n")
                .collect(joining())
                .replace("\n", "\r\n")
                .getBytes(US_ASCII);
    }

    private String lines(int round) {
        return IntStream.range(round * lines, (round + 1) * lines)
                .mapToObj("%063d\n"::formatted)
                .collect(joining());
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
