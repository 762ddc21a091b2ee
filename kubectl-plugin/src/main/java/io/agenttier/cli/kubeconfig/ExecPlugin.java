package io.agenttier.cli.kubeconfig;

import io.agenttier.cli.json.JsonWriter;
import io.agenttier.cli.transport.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A program that makes credentials, as a kubeconfig names it ({@code client.authentication.k8s.io}).
 *
 * @param what for messages
 * @param command with its arguments
 * @param environment all of it
 * @param hint what the kubeconfig says about installing it; may be empty
 * @param mayAsk whether it gets our standard input
 */
record ExecPlugin(
        String what,
        List<String> command,
        Map<String, String> environment,
        String apiVersion,
        String hint,
        boolean mayAsk) {
    private static final Set<String> VERSIONS =
            Set.of("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1");

    static ExecPlugin of(
            Entry exec, Entry cluster, ServerAddress server, Map<String, String> environment, boolean isInteractive)
            throws KubeconfigException {
        var what = "exec credential plugin of " + exec.what();
        var version = exec.text("apiVersion").orElse("");
        if (!VERSIONS.contains(version)) {
            throw new KubeconfigException(
                    "%s: apiVersion \"%s\" is not supported: expected client.authentication.k8s.io/v1"
                            .formatted(what, version));
        }
        var mode = exec.text("interactiveMode").orElse("IfAvailable");
        if (mode.equals("Always") && !isInteractive) {
            throw new KubeconfigException(
                    "%s wants to ask you something, but standard input is no terminal".formatted(what));
        }
        boolean mayAsk = isInteractive && !mode.equals("Never");
        var command = new ArrayList<String>();
        command.add(program(exec, what));
        command.addAll(exec.texts("args"));
        var all = new LinkedHashMap<>(environment);
        for (var variable : exec.objects("env")) {
            all.put(variable.text("name").orElse(""), variable.text("value").orElse(""));
        }
        all.remove("");
        all.put("KUBERNETES_EXEC_INFO", info(exec, cluster, server, version, mayAsk));
        return new ExecPlugin(
                what, command, all, version, exec.text("installHint").orElse(""), mayAsk);
    }

    /** A name is looked up on the path; anything with a slash is relative to the kubeconfig. */
    private static String program(Entry exec, String what) throws KubeconfigException {
        var command = exec.text("command")
                .orElseThrow(() -> new KubeconfigException("%s: command is missing".formatted(what)));
        return command.indexOf('/') < 0
                ? command
                : exec.folder().resolve(Path.of(command)).toString();
    }

    private static String info(Entry exec, Entry cluster, ServerAddress server, String version, boolean mayAsk)
            throws KubeconfigException {
        var spec = new LinkedHashMap<String, Object>();
        spec.put("interactive", mayAsk);
        if (exec.isTrue("provideClusterInfo")) {
            var about = new LinkedHashMap<String, Object>();
            about.put("server", server.toString());
            cluster.text("tls-server-name").ifPresent(name -> about.put("tls-server-name", name));
            if (cluster.isTrue("insecure-skip-tls-verify")) {
                about.put("insecure-skip-tls-verify", true);
            }
            cluster.dataOrFile("certificate-authority")
                    .ifPresent(pem -> about.put(
                            "certificate-authority-data",
                            Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.ISO_8859_1))));
            cluster.text("proxy-url").ifPresent(url -> about.put("proxy-url", url));
            spec.put("cluster", about);
        }
        return JsonWriter.compact(Map.of("apiVersion", version, "kind", "ExecCredential", "spec", spec));
    }

    /** Without its environment, which holds secrets. */
    @Override
    public String toString() {
        return what;
    }
}
