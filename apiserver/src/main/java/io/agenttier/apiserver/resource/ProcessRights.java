package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.auth.Authorizer;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.ProcessClass;

/** Rights to the output of a process beyond that of the call itself. */
final class ProcessRights {
    private final Authorizer authorizer;

    ProcessRights(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    /** Without get {@code processes} a caller reads only processes that he started. */
    Caller caller(Call call) {
        return new Caller(call.user().name(), !allowed(call, "get", "processes"));
    }

    /**
     * What a process gives out may be worth more than the right to this call: the right to read follows its class.
     *
     * @throws ApiException 403
     */
    void check(Call call, ProcessClass processClass) {
        switch (processClass) {
            case EXEC, INVOKE, INSTALL, HOOK -> {}
            case ARCHIVE -> require(call, "get", "archive");
            case TERMINAL -> require(call, "create", "attach");
        }
    }

    private void require(Call call, String verb, String subresource) {
        if (!allowed(call, verb, subresource)) {
            throw new ApiException(new ApiError.Forbidden(
                    "sandboxes",
                    call.name(),
                    ("sandboxes.agenttier.io \"%s\" is forbidden: User \"%s\" cannot %s resource \"sandboxes/%s\" "
                                    + "in API group \"agenttier.io\" in the namespace \"%s\"")
                            .formatted(call.name(), call.user().name(), verb, subresource, call.namespace())));
        }
    }

    private boolean allowed(Call call, String verb, String subresource) {
        return authorizer.allowed(call.user(), call.namespace(), verb, subresource, call.name());
    }
}
