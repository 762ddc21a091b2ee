package io.agenttier.api;

/**
 * A field whose value cannot be acted upon.
 *
 * @param path path of the field, such as {@code spec.image.repository}
 * @param value the value found; empty when absent
 * @param expected what would be accepted and what to do
 */
public record FieldError(String path, String value, String expected) {
    /** The error in one line for people. */
    public String sentence() {
        return value.isEmpty() ? path + " is not set: " + expected : path + " is \"" + value + "\": " + expected;
    }
}
