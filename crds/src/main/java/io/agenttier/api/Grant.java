package io.agenttier.api;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A right on one sandbox for a user or group.
 *
 * @param identity User or group name as RBAC knows it; a ServiceAccount as system:serviceaccount:namespace:name.
 * @param level viewer may look, collaborator may also run commands and write files.
 * @param expiresAt End of the grant; endless when absent.
 * @param link Id of the share link that the grant came from.
 */
public record Grant(
        String identity,
        String level,
        @Nullable OffsetDateTime expiresAt,
        @Nullable String link) {
    public Grant {
        identity = Wire.text(identity);
        level = Wire.text(level);
    }
}
