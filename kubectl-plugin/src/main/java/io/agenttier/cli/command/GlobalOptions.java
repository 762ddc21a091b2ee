package io.agenttier.cli.command;

import io.agenttier.cli.kubeconfig.ConnectionFlags;
import picocli.CommandLine.Model.CommandSpec;

/** Options that every command has, named as kubectl's. */
public final class GlobalOptions {
    private static final String[] WITH_VALUE = {
        "-n",
        "--namespace",
        "--kubeconfig",
        "--context",
        "--cluster",
        "--user",
        "-s",
        "--server",
        "--token",
        "--certificate-authority",
        "--as",
        "--as-group",
        "--as-uid"
    };

    private GlobalOptions() {}

    public static void addTo(CommandSpec spec) {
        spec.addOption(Options.value("NAMESPACE", "Namespace of the sandbox.", "-n", "--namespace"));
        spec.addOption(Options.value("FILE", "The kubeconfig file.", "--kubeconfig"));
        spec.addOption(Options.value("NAME", "Context of the kubeconfig.", "--context"));
        spec.addOption(Options.value("NAME", "Cluster of the kubeconfig.", "--cluster"));
        spec.addOption(Options.value("NAME", "User of the kubeconfig.", "--user"));
        spec.addOption(Options.value("URL", "Address of kube-apiserver.", "-s", "--server"));
        spec.addOption(Options.value("TOKEN", "Bearer token.", "--token"));
        spec.addOption(Options.value("FILE", "Certificates to trust.", "--certificate-authority"));
        spec.addOption(Options.flag(
                "Trust any server. Whoever is on the way can then read and change everything.",
                "--insecure-skip-tls-verify"));
        spec.addOption(Options.value("USER", "Act as this user.", "--as"));
        spec.addOption(Options.repeated("GROUP", "Act as a member of this group; repeatable.", "--as-group"));
        spec.addOption(Options.value("UID", "Act with this uid.", "--as-uid"));
        spec.addOption(Options.flag("Show this help.", "-h", "--help"));
    }

    /** Whether this word is a global option whose value is the next word. */
    public static boolean takesNextWord(String word) {
        for (var option : WITH_VALUE) {
            if (option.equals(word)) {
                return true;
            }
        }
        return false;
    }

    public static ConnectionFlags of(Arguments arguments) {
        return new ConnectionFlags(
                arguments.text("--kubeconfig").orElse(null),
                arguments.text("--context").orElse(null),
                arguments.text("--cluster").orElse(null),
                arguments.text("--user").orElse(null),
                arguments.text("--namespace").orElse(null),
                arguments.text("--server").orElse(null),
                arguments.text("--token").orElse(null),
                arguments.text("--certificate-authority").orElse(null),
                arguments.has("--insecure-skip-tls-verify"),
                arguments.text("--as").orElse(null),
                arguments.texts("--as-group"),
                arguments.text("--as-uid").orElse(null));
    }
}
