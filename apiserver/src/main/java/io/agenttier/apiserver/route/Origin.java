package io.agenttier.apiserver.route;

import java.util.List;

/**
 * Where a call came from, as far as can be believed.
 *
 * @param addresses of the client and of the proxies before the last one, in the order of the way; empty if not known
 * @param host name by which the client knows this API; empty behind a front proxy, which tells us only our own
 */
public record Origin(List<String> addresses, String host) {
    public Origin {
        addresses = List.copyOf(addresses);
    }
}
