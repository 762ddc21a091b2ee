package io.agenttier.api.reference;

/**
 * One place of a spec that names another object.
 *
 * @param field path of the place, items by their key, such as {@code spec.env[TOKEN].valueFrom.secretKeyRef}
 * @param use everything that says what is taken from the object and how, so that a change of it is a new reference
 */
public record Reference(String field, Target target, Object use) {
    /** The object named. {@code namespace} is empty for kinds of the cluster. */
    public record Target(Kind kind, String namespace, String name) {}

    /** Kinds that can be named. */
    public enum Kind {
        SECRET,
        CONFIG_MAP,
        SERVICE_ACCOUNT,
        VOLUME_SNAPSHOT,
        /** Of any namespace: the only kind beside templates that may be another's. */
        SERVICE,
        /** A SandboxTemplate of another namespace. */
        FOREIGN_TEMPLATE
    }
}
