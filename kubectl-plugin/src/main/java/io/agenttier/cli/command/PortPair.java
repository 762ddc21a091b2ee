package io.agenttier.cli.command;

/**
 * A port here and the port of the sandbox it leads to.
 *
 * @param local 0 for any that is free
 */
record PortPair(int local, int remote) {
    static final int LAST = 65_535;

    /**
     * @param text {@code [LOCAL:]PORT}; an empty LOCAL is any that is free
     * @throws UsageException it is something else
     */
    static PortPair parse(String text) throws UsageException {
        int colon = text.indexOf(':');
        int remote = port(text, text.substring(colon + 1), 1);
        if (colon < 0) {
            return new PortPair(remote, remote);
        }
        var local = text.substring(0, colon);
        return new PortPair(local.isEmpty() ? 0 : port(text, local, 0), remote);
    }

    private static int port(String text, String number, int least) throws UsageException {
        int port = number.matches("[0-9]{1,5}") ? Integer.parseInt(number) : -1;
        if (port < least || port > LAST) {
            throw new UsageException(
                    "port \"%s\" is invalid: expected PORT, LOCAL:PORT or :PORT, each 1 to %d, for example 8080:80"
                            .formatted(text, LAST));
        }
        return port;
    }
}
