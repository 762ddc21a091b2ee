package io.agenttier.cli.doctor;

import io.agenttier.cli.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Whether somebody enforces NetworkPolicies, as far as names of API groups and DaemonSets tell: a policy has no status, and nothing but a connection
 * between pods proves it.
 */
public final class Network {
    private static final String CHECK = "network";
    private static final String PROVE =
            "prove it: from a sandbox without network rules, a connection to another pod has to fail";
    private static final String CLOSE =
            "install a network plugin that does, such as Calico or Cilium: without one a sandbox reaches everything";

    private static final Map<String, String> GROUPS = Map.of(
            "cilium.io", "Cilium",
            "crd.projectcalico.org", "Calico",
            "projectcalico.org", "Calico",
            "crd.antrea.io", "Antrea",
            "kubeovn.io", "Kube-OVN");

    private static final Map<String, String> ENFORCING = Map.of(
            "cilium", "Cilium",
            "anetd", "GKE Dataplane V2",
            "calico-node", "Calico",
            "antrea-agent", "Antrea",
            "kube-router", "kube-router",
            "azure-npm", "Azure NPM",
            "kube-network-policies", "kube-network-policies");

    private static final String AWS = "aws-node";
    private static final String FLANNEL = "kube-flannel-ds";

    private Network() {}

    /**
     * @param groups {@code GET /apis}
     * @param daemons DaemonSets of all namespaces
     */
    public static Finding enforcement(Answer groups, Answer daemons) {
        var sets = daemons instanceof Answer.Found found
                ? found.document().at("items").items()
                : List.<Json>of();
        var enforcing = new TreeSet<String>();
        Stream.of(groups)
                .filter(Answer.Found.class::isInstance)
                .flatMap(found -> ((Answer.Found) found).document().at("groups").items().stream())
                .flatMap(group -> Stream.ofNullable(GROUPS.get(group.at("name").textOrEmpty())))
                .forEach(enforcing::add);
        var open = new ArrayList<String>();
        for (var set : sets) {
            var name = set.at("metadata", "name").textOrEmpty();
            var known = ENFORCING.get(name);
            if (known != null) {
                enforcing.add(known);
            } else if (name.equals(AWS) && enforcesPolicies(set)) {
                enforcing.add("AWS VPC CNI");
            } else if (name.equals(AWS)) {
                open.add("AWS VPC CNI without --enable-network-policy=true");
            } else if (name.equals(FLANNEL)) {
                open.add("Flannel");
            }
        }
        if (!enforcing.isEmpty()) {
            return Finding.ok(CHECK, "%s enforces NetworkPolicies".formatted(String.join(", ", enforcing)));
        }
        if (!open.isEmpty()) {
            return Finding.fail(CHECK, "%s does not enforce NetworkPolicies".formatted(String.join(", ", open)), CLOSE);
        }
        return daemons instanceof Answer.Found
                ? Finding.warn(CHECK, "no network plugin that is known to enforce NetworkPolicies was found", PROVE)
                : daemons.otherwise(CHECK, Finding.warn(CHECK, "DaemonSets are not served", PROVE));
    }

    private static boolean enforcesPolicies(Json set) {
        return set.at("spec", "template", "spec", "containers").items().stream()
                .flatMap(container -> container.at("args").items().stream())
                .anyMatch(argument -> argument.textOrEmpty().equals("--enable-network-policy=true"));
    }
}
