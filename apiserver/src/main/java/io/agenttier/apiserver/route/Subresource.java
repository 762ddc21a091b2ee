package io.agenttier.apiserver.route;

import java.io.IOException;
import java.util.Set;

/** One subresource of {@code sandboxes}: what it is called, which methods it has, and what it does. */
public interface Subresource {
    /** For example {@code exec}. */
    String name();

    /** Upper-case methods it answers; others are 405. */
    Set<String> methods();

    /** Kind of its request or answer in discovery, for example {@code SandboxExecRequest}. */
    String kind();

    /** Whether what follows its name in the path, and the query, are its own: {@link Call#rest} and {@link Call#rawQuery}, as they came. */
    default boolean ownsPath() {
        return false;
    }

    /** Serves one call on a virtual thread. May throw {@link io.agenttier.apiserver.error.ApiException} before the answer has begun. */
    void serve(Call call, Exchange exchange) throws IOException;
}
