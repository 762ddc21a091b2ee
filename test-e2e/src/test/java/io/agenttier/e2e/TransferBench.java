package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.ProcessorTime;
import io.agenttier.e2e.cluster.ProcessorTime.Program;
import io.agenttier.e2e.cluster.TestNamespace;
import io.agenttier.e2e.cluster.TrivialBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How fast a file goes out of a sandbox and into it, beside the same bytes from and to a trivial TLS server behind an APIService, in turns, and
 * what processor time a GiB costs whom. Writes {@code build/bench/transfers-speed.md}; our target is 60 % of the trivial server (design §8).
 */
@Tag("bench")
@ExtendWith(ClusterExtension.class)
class TransferBench {
    private static final long BYTES = 512L << 20;
    private static final int ROUNDS = 5;
    private static final int PIECE = 64 << 10;

    @Test
    void filesBesideATrivialServer(TestNamespace namespace) throws Exception {
        assumeThat(namespace.cluster().nodeIsThisMachine())
                .as("processes of nodes that can be looked at here")
                .isTrue();
        var sandbox = namespace.ready();
        var made = Exec.json(namespace, sandbox, "sh", "-c", "head -c " + BYTES + " /dev/zero >blob && sync");
        assertThat(made.get("exitCode").asInt()).isZero();
        var file = namespace.path(sandbox, "files?path=");
        try (var _ = TrivialBackend.start(namespace)) {
            var download = new Row("download", "GET", file + "blob", TrivialBackend.PATH + "?bytes=" + BYTES);
            var upload = new Row("upload", "PUT", file + "blob-in", TrivialBackend.PATH);
            var table = new StringBuilder("""
                    | %d MiB, median of %d | `files` | trivial server | of it | processor seconds a GiB: `files` | trivial server |
                    |---|---|---|---|---|---|
                    """.formatted(BYTES >> 20, ROUNDS));
            for (var row : List.of(download, upload)) {
                row.measure(namespace);
                table.append(row);
            }
            System.out.println(table);
            Files.createDirectories(Path.of("build/bench"));
            Files.writeString(Path.of("build/bench/transfers-speed.md"), table);
        }
    }

    /** One direction by both ways. */
    private static final class Row {
        private final String what;
        private final String method;
        private final Way ours;
        private final Way trivial;

        Row(String what, String method, String ours, String trivial) {
            this.what = what;
            this.method = method;
            this.ours = new Way(ours);
            this.trivial = new Way(trivial);
        }

        void measure(TestNamespace namespace) throws IOException {
            transfer(namespace, ours.path); // both ends compile what they run often
            transfer(namespace, trivial.path);
            for (var i = 0; i < ROUNDS; i++) {
                ours.add(() -> transfer(namespace, ours.path));
                trivial.add(() -> transfer(namespace, trivial.path));
            }
        }

        private void transfer(TestNamespace namespace, String path) throws IOException {
            var body = method.equals("PUT") ? new Zeros() : null;
            try (var answer = namespace.api().open(method, path, body)) {
                assertThat(answer.code()).as(path).isBetween(200, 204);
                var in = answer.body().byteStream();
                var buffer = new byte[PIECE];
                var count = 0L;
                for (var n = in.read(buffer); n >= 0; n = in.read(buffer)) count += n;
                if (body == null) assertThat(count).isEqualTo(BYTES);
            }
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "| %s | %.0f MiB/s | %.0f MiB/s | %.0f %% | %s | %s |%n",
                    what,
                    ours.rate(),
                    trivial.rate(),
                    100 * ours.rate() / trivial.rate(),
                    ours.processors(),
                    trivial.processors());
        }
    }

    /** What one way took. */
    private static final class Way {
        private final String path;
        private final List<Double> rates = new ArrayList<>();
        private final Map<Program, Double> seconds = new EnumMap<>(Program.class);

        Way(String path) {
            this.path = path;
        }

        void add(Transfer transfer) throws IOException {
            var before = ProcessorTime.now();
            var begun = System.nanoTime();
            transfer.run();
            rates.add((BYTES >> 20) / ((System.nanoTime() - begun) / 1e9));
            var after = ProcessorTime.now();
            for (var program : Program.values()) seconds.merge(program, after.since(before, program), Double::sum);
        }

        double rate() {
            return rates.stream().sorted().toList().get(rates.size() / 2);
        }

        String processors() {
            var parts = new ArrayList<String>();
            seconds.forEach((program, used) -> {
                var perGib = used / rates.size() / (BYTES / (double) (1 << 30));
                if (perGib >= 0.05) parts.add(String.format(Locale.ROOT, "%s %.1f", program.title(), perGib));
            });
            return String.join(", ", parts);
        }
    }

    private interface Transfer {
        void run() throws IOException;
    }

    private static final class Zeros extends RequestBody {
        @Override
        public @Nullable MediaType contentType() {
            return null;
        }

        @Override
        public long contentLength() {
            return BYTES;
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            var piece = new byte[PIECE];
            for (var sent = 0L; sent < BYTES; sent += PIECE) sink.write(piece);
        }
    }
}
