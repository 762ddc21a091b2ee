package io.agenttier.cli.doctor;

import io.agenttier.cli.json.Json;

/** Whether kube-apiserver has AgentTier's API: its kinds, and the subresources that our API server answers. */
public final class Registration {
    private static final String PODS = "kubectl get pods -A -l app.kubernetes.io/name=agenttier";
    private static final String INSTALL = "install AgentTier with its Helm chart in this cluster";

    private Registration() {}

    /** @param group discovery of {@code agenttier.io/v1alpha1} */
    public static Finding kinds(Answer group) {
        var check = "crds";
        if (!(group instanceof Answer.Found found)) {
            return group.otherwise(
                    check, Finding.fail(check, "the cluster does not know agenttier.io/v1alpha1", INSTALL));
        }
        return found.document().at("resources").items().stream()
                        .anyMatch(kind -> kind.at("name").textOrEmpty().equals("sandboxes"))
                ? Finding.ok(check, "the cluster knows agenttier.io/v1alpha1")
                : Finding.fail(check, "agenttier.io/v1alpha1 has no sandboxes", INSTALL);
    }

    /** @param service the APIService */
    public static Finding apiService(Answer service) {
        var check = "apiservice";
        if (!(service instanceof Answer.Found found)) {
            return service.otherwise(
                    check, Finding.fail(check, "there is no APIService for the subresources", INSTALL));
        }
        var available = found.document().at("status", "conditions").items().stream()
                .filter(condition -> condition.at("type").textOrEmpty().equals("Available"))
                .findFirst()
                .orElse(Json.ABSENT);
        return available.at("status").textOrEmpty().equals("True")
                ? Finding.ok(check, "kube-apiserver reaches AgentTier's API server")
                : Finding.fail(
                        check,
                        "kube-apiserver does not reach AgentTier's API server: %s %s"
                                .formatted(
                                        available.at("reason").text().orElse("no condition Available yet"),
                                        available.at("message").textOrEmpty())
                                .strip(),
                        "see that apiserver and controller run, and what they log: " + PODS);
    }

    /** @param discovery the group document that AgentTier's API server itself answers */
    public static Finding subresources(Answer discovery) {
        var check = "subresources";
        return switch (discovery) {
            case Answer.Found _ -> Finding.ok(check, "AgentTier's API server answers through kube-apiserver");
            case Answer.Failed failed ->
                Finding.fail(check, failed.message(), "see that apiserver and controller run: " + PODS);
            case Answer.Missing _, Answer.Forbidden _ ->
                discovery.otherwise(check, Finding.fail(check, "exec, files and logs are not served", INSTALL));
        };
    }

    /**
     * @param plugin own version
     * @param service the APIService, which carries the version of the chart
     */
    public static Finding version(String plugin, Answer service) {
        var check = "version";
        if (!(service instanceof Answer.Found found)) {
            return service.otherwise(check, Finding.warn(check, "the server's version is not known", INSTALL));
        }
        var server = found.document()
                .at("metadata", "labels", "app.kubernetes.io/version")
                .textOrEmpty();
        if (server.isEmpty()) {
            return Finding.warn(
                    check, "the APIService does not say which version is installed", "upgrade with the Helm chart");
        }
        return minor(plugin).equals(minor(server))
                ? Finding.ok(check, "plugin %s, server %s".formatted(plugin, server))
                : Finding.warn(
                        check,
                        "plugin %s and server %s differ".formatted(plugin, server),
                        "use the plugin of the server's version");
    }

    /** {@code 0.1} of {@code 0.1.3-rc1}: within it both sides understand each other. */
    private static String minor(String version) {
        var parts = version.split("[.+-]", 3);
        return parts.length < 2 ? version : parts[0] + "." + parts[1];
    }
}
