package io.agenttier.e2e.integrity;

import io.agenttier.e2e.cluster.Size;
import java.util.List;
import java.util.Random;

/**
 * One command, who runs it and what befalls him: all of it follows from seed and number.
 *
 * @param out bytes on standard output: of a file, or those that came by standard input
 * @param err bytes on standard error, at the same time
 * @param echoes standard output is standard input
 * @param signal name of the signal by which it ends itself, empty for {@code code}
 * @param holds it does not end by itself
 * @param killAt the client is killed once it has so many bytes of standard output; −1 never
 * @param keeps the process goes on without a client
 * @param life most bytes that a connection of the client carries before it breaks, 0 for no limit
 */
record Work(
        int number,
        Kind client,
        int out,
        int err,
        boolean echoes,
        int code,
        String signal,
        boolean holds,
        int killAt,
        boolean keeps,
        int life,
        long seed) {
    /** Clients, each as often as its weight says. */
    enum Kind {
        SSE(30),
        WEBSOCKET(30),
        PLUGIN(12),
        PYTHON_SDK(18),
        REMOTECOMMAND(10);

        /** They leave a process of theirs to whoever takes it up. */
        boolean alwaysKeeps() {
            return this == PLUGIN || this == PYTHON_SDK;
        }

        /** It hands standard input over with the start, so there is a limit. */
        boolean sendsInputAtOnce() {
            return this == SSE;
        }

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }

        private static Kind draw(Random random) {
            var left = random.nextInt(100);
            for (var kind : values()) {
                left -= kind.weight;
                if (left < 0) return kind;
            }
            throw new IllegalStateException("the weights are less than 100 together");
        }
    }

    /** Most bytes of standard input that are sent with a start. */
    static final int INPUT_AT_ONCE = 8 << 20;

    private static final int DRAWS = Size.of(1, 2);

    private static final List<String> SIGNALS = List.of("KILL", "TERM", "USR1");

    static Work draw(long seed, int number) {
        var own = seed * 1_000_003 + number;
        var random = new Random(own);
        var client = Kind.draw(random);
        var echoes = random.nextInt(3) == 0;
        var out = size(random, echoes && client.sendsInputAtOnce() ? INPUT_AT_ONCE : Blobs.LARGEST);
        var err = random.nextInt(4) == 0 ? size(random, Blobs.LARGEST) : 0;
        var isKilled = random.nextInt(6) == 0;
        var keeps = client.alwaysKeeps()
                || (client == Kind.REMOTECOMMAND ? random.nextBoolean() : !isKilled || random.nextBoolean());
        var holds = isKilled && !keeps && random.nextBoolean();
        var life = random.nextInt(3) == 0 ? (1 << 20) << random.nextInt(5) : 0;
        if (life > 0 && echoes && client.sendsInputAtOnce()) {
            // a start's body, its input in base64, fits into one connection in three; into none it would never begin
            life = Math.max(life, 2 * out);
        }
        // events hold back what may be the beginning of a character, up to 3 bytes, as long as the rest can come
        var reach = holds && client == Kind.SSE ? Math.max(0, out - 3) : out;
        // 125 is what the programs say that could not tell
        var code = random.nextInt(125);
        var signal = random.nextInt(8) == 0 ? SIGNALS.get(random.nextInt(SIGNALS.size())) : "";
        return new Work(
                number,
                client,
                out,
                err,
                echoes,
                code,
                signal,
                holds,
                isKilled ? random.nextInt(reach + 1) : -1,
                keeps,
                life,
                own);
    }

    /**
     * From 1 byte to {@code most}: each order of magnitude as likely as any other, or, where there are commands enough to meet the rare ones,
     * the smaller the likelier.
     */
    private static int size(Random random, int most) {
        var least = 1.0;
        for (var draw = 0; draw < DRAWS; draw++) least = Math.min(least, random.nextDouble());
        return (int) Math.exp(least * Math.log(most));
    }

    /** The command in a sandbox that {@link Ground} has prepared. */
    List<String> argv() {
        return List.of(
                "./as/" + program(),
                echoes ? "-" : Integer.toString(out),
                Integer.toString(err),
                holds ? "hold" : signal.isEmpty() ? Integer.toString(code) : signal);
    }

    String ownName() {
        return "c" + number;
    }

    /** What its process is listed as. */
    String program() {
        return "c" + number % Ground.NAMES;
    }

    int exitCode() {
        return switch (signal) {
            case "KILL" -> 128 + 9;
            case "TERM" -> 128 + 15;
            case "USR1" -> 128 + 10;
            default -> code;
        };
    }

    String reason() {
        return signal.isEmpty() ? "completed" : "signaled";
    }
}
