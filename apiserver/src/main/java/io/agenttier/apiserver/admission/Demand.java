package io.agenttier.apiserver.admission;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.ClusterSandboxTemplate;
import io.agenttier.api.SandboxTemplate;
import io.agenttier.api.reference.Reference;
import io.agenttier.apiserver.auth.Attributes;

/**
 * A right that the requester needs for one field.
 *
 * @param why what makes it necessary where the field alone does not tell, as the end of a sentence; may be empty
 */
record Demand(String field, Attributes.Resource right, String why) {
    /** The right to name what {@code reference} names. */
    static Demand of(Reference reference) {
        var target = reference.target();
        var right = switch (target.kind()) {
            case SECRET -> core("get", target, "secrets", "");
            case CONFIG_MAP -> core("get", target, "configmaps", "");
            case SERVICE -> core("get", target, "services", "");
            case SERVICE_ACCOUNT -> core("create", target, "serviceaccounts", "token");
            case VOLUME_SNAPSHOT ->
                new Attributes.Resource(
                        "get",
                        target.namespace(),
                        "snapshot.storage.k8s.io",
                        "v1",
                        "volumesnapshots",
                        "",
                        target.name());
            case FOREIGN_TEMPLATE ->
                new Attributes.Resource(
                        "get",
                        target.namespace(),
                        ApiGroup.GROUP,
                        ApiGroup.VERSION,
                        SandboxTemplate.PLURAL,
                        "",
                        target.name());
        };
        return new Demand(reference.field(), right, "");
    }

    /** The right to use a ClusterSandboxTemplate that gives more than a namespace could. Asked of the whole cluster, as the template is. */
    static Demand use(String field, String template, String why) {
        return new Demand(
                field,
                new Attributes.Resource(
                        "use", "", ApiGroup.GROUP, ApiGroup.VERSION, ClusterSandboxTemplate.PLURAL, "", template),
                why);
    }

    /** What {@code user} lacks, for him to read. */
    String refusal(String user) {
        var resource = right.subresource().isEmpty() ? right.resource() : right.resource() + "/" + right.subresource();
        var where = right.namespace().isEmpty() ? "" : " in the namespace \"%s\"".formatted(right.namespace());
        return "User \"%s\" cannot %s %s \"%s\"%s, which whoever names it must be allowed to%s"
                .formatted(user, right.verb(), resource, right.name(), where, why.isEmpty() ? "" : ": " + why);
    }

    private static Attributes.Resource core(String verb, Reference.Target target, String resource, String subresource) {
        return new Attributes.Resource(verb, target.namespace(), "", "v1", resource, subresource, target.name());
    }
}
