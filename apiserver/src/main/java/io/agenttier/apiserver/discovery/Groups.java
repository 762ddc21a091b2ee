package io.agenttier.apiserver.discovery;

import io.agenttier.api.ApiGroup;
import io.agenttier.apiserver.route.Subresource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Discovery documents: the subresources of {@code sandboxes}, and never {@code sandboxes} itself, which the CRD's version serves. */
final class Groups {
    private record Kind(String group, String version, String kind) {}

    private record SubresourceDiscovery(String subresource, Kind responseKind, List<String> verbs) {}

    private record ResourceDiscovery(
            String resource,
            String scope,
            String singularResource,
            List<String> verbs,
            List<SubresourceDiscovery> subresources) {}

    private record VersionDiscovery(String version, List<ResourceDiscovery> resources, String freshness) {}

    private record GroupDiscovery(Map<String, String> metadata, List<VersionDiscovery> versions) {}

    private record GroupDiscoveryList(
            String kind, String apiVersion, Map<String, String> metadata, List<GroupDiscovery> items) {}

    private record ApiResource(String name, String singularName, boolean namespaced, String kind, List<String> verbs) {}

    private record ApiResourceList(String kind, String apiVersion, String groupVersion, List<ApiResource> resources) {}

    private record GroupVersion(String groupVersion, String version) {}

    private record ApiGroupOf(
            String kind, String apiVersion, String name, List<GroupVersion> versions, GroupVersion preferredVersion) {}

    private record ApiGroupList(String kind, String apiVersion, List<ApiGroupOf> groups) {}

    private static final GroupVersion OURS =
            new GroupVersion(ApiGroup.SUBRESOURCES_API_VERSION, ApiGroup.SUBRESOURCES_VERSION);

    private Groups() {}

    /** {@code APIGroupDiscoveryList}, {@code apidiscovery.k8s.io/v2}. */
    static Object aggregated(List<Subresource> subresources) {
        var children = sorted(subresources).stream()
                .map(s -> new SubresourceDiscovery(
                        s.name(), new Kind(ApiGroup.GROUP, ApiGroup.SUBRESOURCES_VERSION, s.kind()), verbs(s)))
                .toList();
        var sandboxes = new ResourceDiscovery("sandboxes", "Namespaced", "sandbox", List.of(), children);
        var version = new VersionDiscovery(ApiGroup.SUBRESOURCES_VERSION, List.of(sandboxes), "Current");
        return new GroupDiscoveryList(
                "APIGroupDiscoveryList",
                "apidiscovery.k8s.io/v2",
                Map.of(),
                List.of(new GroupDiscovery(Map.of("name", ApiGroup.GROUP), List.of(version))));
    }

    /** {@code APIResourceList}: only {@code sandboxes/<subresource>} entries, each with kind and verbs. */
    static Object resources(List<Subresource> subresources) {
        var entries = sorted(subresources).stream()
                .map(s -> new ApiResource("sandboxes/" + s.name(), "", true, s.kind(), verbs(s)))
                .toList();
        return new ApiResourceList("APIResourceList", "v1", ApiGroup.SUBRESOURCES_API_VERSION, entries);
    }

    /** {@code APIGroup}. */
    static Object group() {
        return ours();
    }

    /** {@code APIGroupList} with this one group. */
    static Object groups() {
        return new ApiGroupList("APIGroupList", "v1", List.of(ours()));
    }

    private static ApiGroupOf ours() {
        return new ApiGroupOf("APIGroup", "v1", ApiGroup.GROUP, List.of(OURS), OURS);
    }

    private static List<Subresource> sorted(List<Subresource> subresources) {
        return subresources.stream()
                .sorted(Comparator.comparing(Subresource::name))
                .toList();
    }

    private static List<String> verbs(Subresource subresource) {
        var verbs = new TreeSet<String>();
        for (var method : subresource.methods()) {
            switch (method) {
                case "POST" -> verbs.add("create");
                case "GET", "HEAD" -> verbs.add("get");
                case "PUT" -> verbs.add("update");
                case "PATCH" -> verbs.add("patch");
                case "DELETE" -> verbs.add("delete");
                case "OPTIONS" -> {} // has no verb, which only a right to all of them covers
                default -> throw new IllegalArgumentException("no RBAC verb for method " + method);
            }
        }
        return List.copyOf(verbs);
    }
}
