package io.agenttier.apiserver.resource;

import io.agenttier.api.ApiGroup;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Call;

/**
 * What of a sandbox a call for {@code proxy/{port}/{path}} wants. Pure.
 *
 * @param port not the daemon's
 * @param target path and query, as the caller sent them
 * @param prefix path of this API before {@code target}
 */
record ProxyTarget(int port, String target, String prefix) {
    /** @throws ApiException 400 if there is no port, or one that nobody reaches */
    static ProxyTarget of(Call call) {
        if (call.rest().length() < 2) {
            throw Parameters.bad("the path has no port: expected %s/{port}/{path}".formatted(call.subresource()));
        }
        int slash = call.rest().indexOf('/', 1);
        var number = call.rest().substring(1, slash < 0 ? call.rest().length() : slash);
        int port = PortNumber.parse("the segment of the path after %s".formatted(call.subresource()), number);
        var path = slash < 0 ? "/" : call.rest().substring(slash);
        if (!call.rawQuery().chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#')) {
            throw Parameters.bad("the query holds a character that must be percent-encoded");
        }
        var query = call.rawQuery().isEmpty() ? "" : "?" + call.rawQuery();
        return new ProxyTarget(
                port,
                path + query,
                "/apis/%s/namespaces/%s/sandboxes/%s/%s/%d"
                        .formatted(
                                ApiGroup.SUBRESOURCES_API_VERSION,
                                call.namespace(),
                                call.name(),
                                call.subresource(),
                                port));
    }
}
