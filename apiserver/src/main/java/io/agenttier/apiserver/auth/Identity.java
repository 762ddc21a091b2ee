package io.agenttier.apiserver.auth;

import java.util.List;
import java.util.Map;

/**
 * Who calls, and the request's headers without anything that claims an identity.
 *
 * @param viaFrontProxy whether a front proxy vouched for the user, so that its {@code Audit-ID} and {@code X-Forwarded-For} may be believed
 */
public record Identity(User user, boolean viaFrontProxy, Map<String, List<String>> headers) {
    public Identity {
        headers = Map.copyOf(headers);
    }
}
