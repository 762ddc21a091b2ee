package io.agenttier.api;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A link that grants a right to whoever redeems it. The token itself is never stored.
 *
 * @param id Id of the link, 16 hex digits.
 * @param tokenHash SHA-256 of the token, 64 hex digits.
 * @param level viewer may look, collaborator may also run commands and write files.
 * @param expiresAt End of the link; endless when absent.
 * @param maxUses How often the link can be redeemed; 0 = unlimited.
 * @param token Retired: a value is refused, raw tokens are never stored.
 * @param usedCount Retired: accepted without effect; status.shareLinks counts the uses.
 */
public record ShareLink(
        String id,
        String tokenHash,
        String level,
        @Nullable OffsetDateTime expiresAt,
        @Nullable Integer maxUses,
        @Nullable String token,
        @Nullable Integer usedCount) {
    public ShareLink {
        id = Wire.text(id);
        tokenHash = Wire.text(tokenHash);
        level = Wire.text(level);
    }
}
