package io.agenttier.cli.command;

import java.util.regex.Pattern;

/** Names of objects, checked before they stand in a path. */
final class Names {
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final int MAX = 253;

    private Names() {}

    /**
     * @param what for example {@code sandbox}
     * @throws UsageException if no object can have that name
     */
    static String checked(String what, String name) throws UsageException {
        if (name.length() > MAX || !SUBDOMAIN.matcher(name).matches()) {
            throw new UsageException(
                    "%s name \"%s\" is invalid: expected lower-case letters, digits, '-' and '.', at most %d, beginning and ending with a letter or digit"
                            .formatted(what, name, MAX));
        }
        return name;
    }
}
