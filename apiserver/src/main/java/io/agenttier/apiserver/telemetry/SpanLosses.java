package io.agenttier.apiserver.telemetry;

import io.agenttier.apiserver.codec.Text;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts batches of spans that were lost, and says so in one line of the log a minute at most. */
final class SpanLosses {
    private static final Logger LOG = LoggerFactory.getLogger(Tracing.class);
    /** The SDK logs by {@code java.util.logging}, which forgets a logger that nobody holds. */
    private static final java.util.logging.Logger OF_SDK = java.util.logging.Logger.getLogger("io.opentelemetry");

    private static final Duration QUIET = Duration.ofMinutes(1);
    private static final int CAUSE_CHARS = 200;

    private final String endpoint;
    private final Metrics metrics;
    private final InstantSource clock;
    private Instant quietUntil = Instant.MIN;

    SpanLosses(String endpoint, Metrics metrics, InstantSource clock) {
        this.endpoint = endpoint;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** @param reason {@code export} or {@code queue_full} */
    void add(String reason, String cause) {
        metrics.error("tracing", reason);
        if (mayLog()) {
            LOG.atWarn()
                    .addKeyValue("endpoint", endpoint)
                    .addKeyValue("reason", reason)
                    .addKeyValue("cause", Text.printable(cause, CAUSE_CHARS))
                    .log("spans are lost; calls go on");
        }
    }

    private synchronized boolean mayLog() {
        var now = clock.instant();
        if (now.isBefore(quietUntil)) {
            return false;
        }
        quietUntil = now.plus(QUIET);
        return true;
    }

    /** What the SDK would write on standard error is no JSON. That it drops spans is told nowhere else. */
    void takeOverLogOfSdk() {
        OF_SDK.setUseParentHandlers(false);
        for (var before : OF_SDK.getHandlers()) {
            OF_SDK.removeHandler(before);
        }
        OF_SDK.addHandler(new Handler() {
            @Override
            public void publish(LogRecord line) {
                if (String.valueOf(line.getLoggerName()).endsWith(".BatchSpanProcessor")) {
                    add("queue_full", String.valueOf(line.getMessage()));
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
    }
}
