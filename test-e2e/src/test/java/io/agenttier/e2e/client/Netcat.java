package io.agenttier.e2e.client;

import io.agenttier.e2e.cluster.TestNamespace;
import java.util.Map;

/** TCP connections from inside of a sandbox with busybox. */
public final class Netcat {
    private Netcat() {}

    /** What an HTTP server answers to a GET of {@code /}; empty if none was reached. */
    public static String fetch(TestNamespace namespace, String sandbox, String address, int port) {
        var script = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 " + address + " " + port;
        return Exec.json(namespace, sandbox, Map.of("script", script, "timeoutSeconds", 20))
                .get("stdout")
                .asText();
    }

    /** Whether a connection comes about within 2 s. */
    public static boolean connects(TestNamespace namespace, String sandbox, String address, int port) {
        var script = "nc -w 2 " + address + " " + port + " </dev/null";
        return Exec.json(namespace, sandbox, Map.of("script", script, "timeoutSeconds", 10))
                        .get("exitCode")
                        .asInt()
                == 0;
    }
}
