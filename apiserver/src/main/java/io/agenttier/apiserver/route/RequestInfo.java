package io.agenttier.apiserver.route;

import io.agenttier.api.ApiGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a raw path means, read as kube-apiserver reads it, but strictly: kube-apiserver decodes paths and forwards dot segments, so
 * only a path with one possible reading is accepted and we authorize what we parsed ourselves.
 */
public sealed interface RequestInfo {
    /** {@code /apis/GROUP/VERSION/namespaces/NAMESPACE/sandboxes/NAME/SUBRESOURCE}. */
    int SEGMENTS_OF_SUBRESOURCE = 8;

    /**
     * Something in our group and version. Absent parts are empty.
     *
     * @param verb RBAC verb, empty for a method without one
     * @param resource plural, for example {@code sandboxes}
     * @param rest what follows the subresource, with its slash; as it came where the subresource owns it. RBAC does not see it
     */
    record Resource(String verb, String namespace, String resource, String name, String subresource, String rest)
            implements RequestInfo {}

    /** Any other path, for example {@code /openapi/v3}; {@code verb} is the method in lower case. */
    record NonResource(String verb, String path) implements RequestInfo {}

    /** A path that kube-apiserver's parser gives a meaning we do not serve: prefixes {@code watch/} and {@code proxy/}. */
    record NotServed(String path) implements RequestInfo {}

    /** A path with more than one reading. */
    record Malformed(String message) implements RequestInfo {}

    /**
     * Reads the raw path of a request.
     *
     * @param deep subresources of sandboxes that own what follows their name, see {@link Subresource#ownsPath}
     */
    static RequestInfo parse(String method, String rawPath, Set<String> deep) {
        if (!rawPath.startsWith("/")) {
            return new Malformed("the request target begins with \"%s\", expected a path that begins with \"/\""
                    .formatted(shorten(rawPath)));
        }
        var segments = new ArrayList<String>();
        for (int slash = 0; slash >= 0 && rawPath.length() > 1; ) {
            if (ownsRest(segments, deep)) {
                var rest = rawPath.substring(slash);
                return OwnPath.complaint(rest)
                        .<RequestInfo>map(Malformed::new)
                        .orElseGet(() -> of(method, segments, rest));
            }
            int next = rawPath.indexOf('/', slash + 1);
            var raw = rawPath.substring(slash + 1, next < 0 ? rawPath.length() : next);
            var segment = PercentCoding.segment(raw);
            if (segment.isEmpty()) {
                return new Malformed("path segment \"%s\" is not valid percent-encoded UTF-8".formatted(shorten(raw)));
            }
            if (isAmbiguous(segment.get())) {
                return new Malformed("path segment \"%s\" is not allowed: segments must not be empty, \".\" or \"..\""
                                .formatted(shorten(raw))
                        + " and must not hold an encoded slash");
            }
            segments.add(segment.get());
            slash = next;
        }
        return of(method, segments, "");
    }

    private static boolean ownsRest(List<String> segments, Set<String> deep) {
        return segments.size() == SEGMENTS_OF_SUBRESOURCE
                && isOurs(segments)
                && segments.get(3).equals("namespaces")
                && segments.get(5).equals("sandboxes")
                && deep.contains(segments.get(7));
    }

    private static boolean isOurs(List<String> segments) {
        return segments.size() > 3
                && segments.get(0).equals("apis")
                && segments.get(1).equals(ApiGroup.GROUP)
                && segments.get(2).equals(ApiGroup.SUBRESOURCES_VERSION);
    }

    /** @param rest of the path, raw, where a subresource owns it */
    private static RequestInfo of(String method, List<String> segments, String rest) {
        var path = "/" + String.join("/", segments);
        if (!isOurs(segments)) {
            return new NonResource(method.toLowerCase(Locale.ROOT), path);
        }
        var parts = segments.subList(3, segments.size());
        if (parts.getFirst().equals("watch") || parts.getFirst().equals("proxy")) {
            return new NotServed(path);
        }
        var namespace = "";
        if (parts.getFirst().equals("namespaces") && parts.size() > 2) {
            namespace = parts.get(1);
            parts = parts.subList(2, parts.size());
        }
        var name = at(parts, 1);
        var deeper = parts.size() > 3 ? "/" + String.join("/", parts.subList(3, parts.size())) : rest;
        return new Resource(Verb.of(method, !name.isEmpty()), namespace, parts.getFirst(), name, at(parts, 2), deeper);
    }

    private static boolean isAmbiguous(String segment) {
        return segment.isEmpty() || segment.equals(".") || segment.equals("..") || segment.contains("/");
    }

    private static String at(List<String> parts, int index) {
        return index < parts.size() ? parts.get(index) : "";
    }

    private static String shorten(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }
}
