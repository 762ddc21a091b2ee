package io.agenttier.controller.plan;

/** The kinds this program writes or asks for, with their place in the API. */
public enum ResourceKind {
    POD("v1", "Pod", "pods"),
    SECRET("v1", "Secret", "secrets"),
    CONFIG_MAP("v1", "ConfigMap", "configmaps"),
    SERVICE_ACCOUNT("v1", "ServiceAccount", "serviceaccounts"),
    VOLUME_CLAIM("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    NETWORK_POLICY("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    SERVICE("v1", "Service", "services"),
    INGRESS("networking.k8s.io/v1", "Ingress", "ingresses"),
    SANDBOX("agenttier.io/v1alpha1", "Sandbox", "sandboxes");

    private final String apiVersion;
    private final String kind;
    private final String plural;

    ResourceKind(String apiVersion, String kind, String plural) {
        this.apiVersion = apiVersion;
        this.kind = kind;
        this.plural = plural;
    }

    public String apiVersion() {
        return apiVersion;
    }

    public String kind() {
        return kind;
    }

    /** For example {@code /apis/networking.k8s.io/v1/namespaces/team1/networkpolicies}. */
    public String path(String namespace) {
        var root = apiVersion.equals("v1") ? "/api/" : "/apis/";
        return root + apiVersion + "/namespaces/" + segment(namespace) + "/" + plural;
    }

    public String path(String namespace, String name) {
        return path(namespace) + "/" + segment(name);
    }

    /**
     * One segment of a path. Names come from objects that users write; none of them may lead to another place of the API.
     *
     * @throws IllegalArgumentException unless {@code name} is a DNS subdomain
     */
    public static String segment(String name) {
        if (!name.matches("[a-z0-9]([-a-z0-9.]*[a-z0-9])?") || name.contains("..")) {
            throw new IllegalArgumentException("\"" + name + "\" is no name of an object");
        }
        return name;
    }
}
