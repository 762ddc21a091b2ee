package io.agenttier.e2e.client;

import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Our own clients as programs of their own. */
public final class OwnPrograms {
    private OwnPrograms() {}

    /** Holder idiom: threads that make it at the same time would remove what the other has made. */
    private static final class Python {
        static final String PROGRAM =
                Command.run("sdk-python/venv.sh").orThrow().stdout().strip();
    }

    /** The interpreter that has the Python SDK. */
    public static String python() {
        return Python.PROGRAM;
    }

    /** A script of {@code test-e2e/clients} that uses the SDK; its first arguments are namespace and sandbox. */
    public static Process startSdk(TestNamespace namespace, String script, String sandbox, List<String> arguments) {
        var command = new ArrayList<>(
                List.of(python(), "-W", "error", "test-e2e/clients/" + script, namespace.name(), sandbox));
        command.addAll(arguments);
        return start(namespace, command);
    }

    /** A command of the plugin, by its program alone. */
    public static Process startPlugin(TestNamespace namespace, String name, String sandbox, List<String> arguments) {
        var program = Path.of("build/bin/kubectl-sandbox").toAbsolutePath().toString();
        var command = new ArrayList<>(List.of(program, name, "--namespace=" + namespace.name(), sandbox));
        command.addAll(arguments);
        return start(namespace, command);
    }

    private static Process start(TestNamespace namespace, List<String> command) {
        var kubeconfig = namespace.cluster().kubeconfig().toString();
        return Command.start(command, Map.of("KUBECONFIG", kubeconfig));
    }
}
