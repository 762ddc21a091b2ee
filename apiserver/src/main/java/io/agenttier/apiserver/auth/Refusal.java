package io.agenttier.apiserver.auth;

import io.agenttier.apiserver.error.ApiError;

/** A refusal in the words of kube-apiserver, so that users read the same sentence whoever refuses. */
final class Refusal {
    private Refusal() {}

    static ApiError.Forbidden of(User user, Attributes attributes, String reason) {
        var why = reason.isEmpty() ? "" : ": " + reason;
        return switch (attributes) {
            case Attributes.NonResource n ->
                new ApiError.Forbidden(
                        "",
                        "",
                        "forbidden: User \"%s\" cannot %s path \"%s\"%s"
                                .formatted(user.name(), n.verb(), n.path(), why));
            case Attributes.Resource r -> new ApiError.Forbidden(r.resource(), r.name(), sentence(user, r) + why);
        };
    }

    private static String sentence(User user, Attributes.Resource r) {
        var what = r.subresource().isEmpty() ? r.resource() : r.resource() + "/" + r.subresource();
        var object = r.name().isEmpty() ? "" : " \"" + r.name() + "\"";
        var where = r.namespace().isEmpty() ? "at the cluster scope" : "in the namespace \"" + r.namespace() + "\"";
        return "%s.%s%s is forbidden: User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s"
                .formatted(r.resource(), r.group(), object, user.name(), r.verb(), what, r.group(), where);
    }
}
