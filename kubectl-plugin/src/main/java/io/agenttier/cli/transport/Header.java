package io.agenttier.cli.transport;

/** One header line. Neither part may hold line breaks or other control characters. */
public record Header(String name, String value) {
    public Header {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c == 127) {
                throw new IllegalArgumentException("the value for header %s holds a control character".formatted(name));
            }
        }
    }
}
