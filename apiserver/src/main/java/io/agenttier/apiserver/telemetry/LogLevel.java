package io.agenttier.apiserver.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import org.slf4j.LoggerFactory;

/** How much this program logs. Audit lines are written at every level. */
public final class LogLevel {
    public static final List<String> NAMES = List.of("error", "warn", "info", "debug", "trace");

    private LogLevel() {}

    /** @param name one of {@link #NAMES} */
    public static void set(String name) {
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            root.setLevel(Level.valueOf(name));
        }
    }
}
