package io.agenttier.cli;

import io.agenttier.cli.command.Interrupts;
import io.agenttier.cli.command.Surroundings;
import io.agenttier.cli.output.Output;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** One run of the plugin within the test. */
final class CliRun {
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    final Interrupts interrupts = new Interrupts();
    private final Path kubeconfig;
    private Duration silence = Duration.ofSeconds(50);
    private OutputStream stdout = out;
    private InputStream input = new ByteArrayInputStream(new byte[0]);

    CliRun(Path kubeconfig) {
        this.kubeconfig = kubeconfig;
    }

    CliRun writingTo(OutputStream instead) {
        stdout = instead;
        return this;
    }

    CliRun reading(byte[] bytes) {
        return reading(new ByteArrayInputStream(bytes));
    }

    CliRun reading(InputStream from) {
        input = from;
        return this;
    }

    /** How long a stream may be silent. */
    CliRun patientFor(Duration time) {
        silence = time;
        return this;
    }

    /** @return exit code */
    int run(String... words) {
        var surroundings = new Surroundings(
                new Output(stdout, err, false),
                input,
                Map.of("KUBECONFIG", kubeconfig.toString(), "PATH", System.getenv("PATH")),
                false,
                interrupts,
                new Random(7),
                Duration.ofMillis(1),
                silence);
        return new Cli(surroundings).run(List.of(words));
    }

    String stdout() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String stderr() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
