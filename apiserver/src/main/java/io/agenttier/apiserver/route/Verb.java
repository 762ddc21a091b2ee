package io.agenttier.apiserver.route;

/** RBAC verbs of HTTP methods, as kube-apiserver maps them. */
final class Verb {
    private Verb() {}

    /** Empty for a method without a verb, which RBAC never allows. */
    static String of(String method, boolean named) {
        return switch (method) {
            case "POST" -> "create";
            case "GET", "HEAD" -> named ? "get" : "list";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> named ? "delete" : "deletecollection";
            default -> "";
        };
    }
}
