package io.agenttier.apiserver.auth;

/** May this user do that: Kubernetes RBAC by SubjectAccessReview, with a short cache. */
public interface Authorizer {
    /**
     * @param verb RBAC verb, for example {@code create}
     * @param subresource of {@code sandboxes}, for example {@code exec}
     * @throws io.agenttier.apiserver.error.ApiException {@code Internal} when the review could not be made: never an allow
     */
    boolean allowed(User user, String namespace, String verb, String subresource, String name);
}
