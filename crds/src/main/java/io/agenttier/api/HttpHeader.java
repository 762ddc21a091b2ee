package io.agenttier.api;

/**
 * One header of an HTTP probe.
 *
 * @param name Name of the header.
 * @param value Value of the header.
 */
public record HttpHeader(String name, String value) {
    public HttpHeader {
        name = Wire.text(name);
        value = Wire.text(value);
    }
}
