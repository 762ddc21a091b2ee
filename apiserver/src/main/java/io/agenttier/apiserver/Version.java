package io.agenttier.apiserver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this program, written by the build. */
final class Version {
    private Version() {}

    /** For example {@code 0.1.0}. */
    static String current() {
        var properties = new Properties();
        try (var in = Version.class.getResourceAsStream("/agenttier-version.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "0.0.0");
    }
}
