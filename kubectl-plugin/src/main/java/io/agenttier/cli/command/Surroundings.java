package io.agenttier.cli.command;

import io.agenttier.cli.output.Output;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The process around a command, so that tests can be one.
 *
 * @param input standard input
 * @param environment variables
 * @param isInteractive whether a person can answer on standard input
 * @param random of names and waits
 * @param firstWait before a call is tried again; later ones are longer
 * @param silence after which a stream is lost: the server sends something every 15 s
 */
public record Surroundings(
        Output output,
        InputStream input,
        Map<String, String> environment,
        boolean isInteractive,
        Interrupts interrupts,
        RandomGenerator random,
        Duration firstWait,
        Duration silence) {
    public Surroundings {
        environment = Map.copyOf(environment);
    }
}
