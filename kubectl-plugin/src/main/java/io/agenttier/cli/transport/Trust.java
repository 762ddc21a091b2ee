package io.agenttier.cli.transport;

/** Which certificates of the server are accepted. */
public sealed interface Trust {
    /** Those that chain to one of these authorities. {@code pem} is one or several certificates; {@code origin} names them in messages. */
    record Authorities(String pem, String origin) implements Trust {}

    /** Those that chain to the authorities that come with this program's Java. */
    record Public() implements Trust {}

    /** Any. Only when the user asked for it. */
    record Anyone() implements Trust {}
}
