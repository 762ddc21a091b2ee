package io.agenttier.api;

import java.util.List;

/**
 * Who else may use the sandbox.
 *
 * @param users Rights of users.
 * @param groups Rights of groups.
 * @param shareLinks Links that grant rights.
 */
public record Sharing(List<Grant> users, List<Grant> groups, List<ShareLink> shareLinks) {
    public Sharing {
        users = Wire.list(users);
        groups = Wire.list(groups);
        shareLinks = Wire.list(shareLinks);
    }
}
