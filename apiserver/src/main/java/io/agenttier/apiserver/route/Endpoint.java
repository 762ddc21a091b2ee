package io.agenttier.apiserver.route;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Something served at a path outside our group and version, by GET and HEAD: discovery, OpenAPI, health, metrics. */
@FunctionalInterface
public interface Endpoint {
    /** @param incoming its headers hold no identity any more */
    Answer serve(Incoming incoming, Map<String, List<String>> query);

    /** The endpoints of a server. */
    interface Directory {
        /** For anyone, without a look at who asks: health. */
        Optional<Endpoint> open(String path);

        /** For those whom RBAC lets {@code get} the path. */
        Optional<Endpoint> guarded(String path);
    }
}
