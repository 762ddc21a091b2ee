package io.agenttier.apiserver.sandboxd;

/**
 * For whom a pod is asked.
 *
 * @param user name as Kubernetes knows it; sandboxd records it as {@code startedBy}
 * @param ownOnly only processes that this user started may be read; sandboxd answers 403 for others
 */
public record Caller(String user, boolean ownOnly) {
    /** A caller who may read every process of the sandbox. */
    public static Caller of(String user) {
        return new Caller(user, false);
    }
}
