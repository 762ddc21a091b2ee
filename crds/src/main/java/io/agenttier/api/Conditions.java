package io.agenttier.api;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The conditions of a sandbox: types and reasons, which are part of the API, and how a list of them is read and changed. */
public final class Conditions {
    /** Every call is served. */
    public static final String READY = "Ready";
    /** The template and its parents were found. */
    public static final String TEMPLATE_RESOLVED = "TemplateResolved";
    /** The policies of the cluster and the namespace allow the sandbox. */
    public static final String POLICY_ALLOWED = "PolicyAllowed";
    /** The workspace volume can be mounted. */
    public static final String STORAGE_READY = "StorageReady";
    /** The NetworkPolicies exist. */
    public static final String NETWORK_ISOLATED = "NetworkIsolated";
    /** The pod and its daemon answer. */
    public static final String POD_READY = "PodReady";
    /** The agent is installed. */
    public static final String CONFIGURED = "Configured";
    /** Every declared port has its Service, and its preview where there are previews. Only while ports are declared. */
    public static final String PORTS_FORWARDED = "PortsForwarded";

    private Conditions() {}

    /** The condition of that type, if the list has it. */
    public static Optional<Condition> find(List<Condition> conditions, String type) {
        return conditions.stream().filter(c -> c.type().equals(type)).findFirst();
    }

    /** Whether the condition of that type is known to hold. */
    public static boolean hold(List<Condition> conditions, String type) {
        return find(conditions, type).filter(Condition::holds).isPresent();
    }

    /**
     * The list with {@code next} in place of the condition of its type, else at the end. The transition time stays that of the old condition
     * while the status is the same.
     */
    public static List<Condition> with(List<Condition> conditions, Condition next) {
        var old = find(conditions, next.type());
        if (old.isEmpty()) {
            return Stream.concat(conditions.stream(), Stream.of(next)).toList();
        }
        var unchanged = old.get().status().equals(next.status()) && old.get().lastTransitionTime() != null;
        var entry = unchanged ? next.since(old.get().lastTransitionTime()) : next;
        return conditions.stream()
                .map(c -> c.type().equals(next.type()) ? entry : c)
                .toList();
    }

    /** The list without the condition of that type. */
    public static List<Condition> without(List<Condition> conditions, String type) {
        return conditions.stream().filter(c -> !c.type().equals(type)).toList();
    }
}
