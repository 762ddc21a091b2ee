package io.agenttier.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who made an object. Set by the server, whatever is sent.
 *
 * @param sub User name as Kubernetes knows it.
 * @param email E-mail address, if the identity provider told it.
 * @param displayName Name for people.
 * @param groups Groups that the user was in then, as many as there is room for: his rights are asked for with them at each start.
 */
public record Creator(
        @Nullable String sub,
        @Nullable String email,
        @Nullable String displayName,
        List<String> groups) {
    public Creator {
        groups = Wire.list(groups);
    }
}
