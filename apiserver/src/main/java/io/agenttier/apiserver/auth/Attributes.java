package io.agenttier.apiserver.auth;

/** What a user wants to do, as a SubjectAccessReview asks it. */
public sealed interface Attributes {
    String verb();

    /** Absent parts are empty. */
    record Resource(
            String verb,
            String namespace,
            String group,
            String version,
            String resource,
            String subresource,
            String name)
            implements Attributes {
        /** The same with another verb. */
        public Resource withVerb(String other) {
            return new Resource(other, namespace, group, version, resource, subresource, name);
        }
    }

    /** {@code verb} is the HTTP method in lower case. */
    record NonResource(String verb, String path) implements Attributes {}

    /** Characters that a review of this would carry, to keep giants out of the cache. */
    default int length() {
        return switch (this) {
            case Resource r ->
                r.verb.length() + r.namespace.length() + r.resource.length() + r.subresource.length() + r.name.length();
            case NonResource n -> n.verb.length() + n.path.length();
        };
    }
}
