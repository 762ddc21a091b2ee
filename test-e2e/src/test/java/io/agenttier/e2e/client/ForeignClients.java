package io.agenttier.e2e.client;

import io.agenttier.e2e.cluster.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Programs around the clients of other languages, under {@code test-e2e/clients}; each is made at its first use. */
public final class ForeignClients {
    /** Exit code of {@code remotecommand} for what is not the command's own. */
    public static final int NOT_THE_COMMAND = 125;

    private static final Path CLIENTS = Path.of("test-e2e/clients");

    private ForeignClients() {}

    /** Holder idiom: the JVM makes each once. */
    private static final class RemoteCommand {
        static final String PROGRAM = build("remotecommand");
    }

    private static final class ArgoHealth {
        static final String PROGRAM = build("argohealth");
    }

    private static final class Python {
        static final String PROGRAM = install();

        private static String install() {
            var home = Path.of("build/python-clients");
            var wanted = CLIENTS.resolve("python/requirements.txt");
            var installed = home.resolve("requirements.txt");
            try {
                if (!Files.exists(installed) || Files.mismatch(wanted, installed) >= 0) {
                    Command.run("python3", "-m", "venv", "--clear", home.toString())
                            .orThrow();
                    Command.run(home.resolve("bin/pip").toString(), "install", "-q", "-r", wanted.toString())
                            .orThrow();
                    Files.copy(wanted, installed);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return home.resolve("bin/python").toString();
        }
    }

    /**
     * The command that runs client-go's {@code remotecommand}.
     *
     * @param path of the subresource, perhaps with a query
     */
    public static List<String> remotecommand(String path, List<String> argv) {
        var command = new ArrayList<>(List.of(RemoteCommand.PROGRAM, path));
        command.addAll(argv);
        return command;
    }

    /**
     * client-go's {@code remotecommand} with its files as standard streams.
     *
     * @return exit code: the command's, or {@link #NOT_THE_COMMAND}
     */
    public static int remotecommand(
            Path kubeconfig, String path, List<String> argv, Path stdin, Path stdout, Path stderr)
            throws IOException, InterruptedException {
        var builder = new ProcessBuilder(remotecommand(path, argv))
                .redirectInput(stdin.toFile())
                .redirectOutput(stdout.toFile())
                .redirectError(stderr.toFile());
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        return builder.start().waitFor();
    }

    /** Python's {@code WSClient}, which sends so many random bytes and says what came back. */
    public static Command.Result wsclient(Path kubeconfig, String path, int bytes, List<String> argv) {
        var command = new ArrayList<>(List.of(
                Python.PROGRAM, CLIENTS.resolve("python/wsclient.py").toString(), path, Integer.toString(bytes)));
        command.addAll(argv);
        return Command.run(command, Map.of("KUBECONFIG", kubeconfig.toString()), new byte[0]);
    }

    /** Python's port-forward: so many random bytes through a port that echoes, and what it says of one where nothing listens. */
    public static Command.Result portforward(Path kubeconfig, String path, int echo, int nobody, int bytes) {
        var command = List.of(
                Python.PROGRAM,
                CLIENTS.resolve("python/portforward.py").toString(),
                path,
                Integer.toString(echo),
                Integer.toString(nobody),
                Integer.toString(bytes));
        return Command.run(command, Map.of("KUBECONFIG", kubeconfig.toString()), new byte[0]);
    }

    /**
     * What a health check in Lua says of an object, run as Argo CD runs it.
     *
     * @param object JSON
     * @return JSON with {@code status} and {@code message}
     */
    public static String argoHealth(Path script, String object) {
        return Command.run(
                        List.of(ArgoHealth.PROGRAM, script.toString()),
                        Map.of(),
                        object.getBytes(StandardCharsets.UTF_8))
                .orThrow()
                .stdout();
    }

    private static String build(String name) {
        var program = Path.of("build/bin", name).toAbsolutePath().toString();
        Command.run("go", "build", "-C", CLIENTS.resolve(name).toString(), "-o", program, ".")
                .orThrow();
        return program;
    }
}
