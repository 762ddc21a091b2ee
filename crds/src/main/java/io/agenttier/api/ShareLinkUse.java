package io.agenttier.api;

/**
 * How often a share link was redeemed.
 *
 * @param id Id of the link.
 * @param usedCount Number of times it was redeemed.
 */
public record ShareLinkUse(String id, int usedCount) {
    public ShareLinkUse {
        id = Wire.text(id);
    }
}
