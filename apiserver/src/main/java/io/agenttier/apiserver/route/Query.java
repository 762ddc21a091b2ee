package io.agenttier.apiserver.route;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Query strings. Values of one key keep their order; kube-apiserver sorts the keys, so order across keys means nothing. */
final class Query {
    private Query() {}

    /** Decoded parameters, a key without {@code =} having the empty value; empty if anything is malformed. */
    static Optional<Map<String, List<String>>> parse(String raw) {
        var parameters = new LinkedHashMap<String, List<String>>();
        for (var pair : raw.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            var key = PercentCoding.query(equals < 0 ? pair : pair.substring(0, equals));
            var value = PercentCoding.query(equals < 0 ? "" : pair.substring(equals + 1));
            if (key.isEmpty() || value.isEmpty()) {
                return Optional.empty();
            }
            parameters.computeIfAbsent(key.get(), _ -> new ArrayList<>(1)).add(value.get());
        }
        return Optional.of(parameters);
    }
}
