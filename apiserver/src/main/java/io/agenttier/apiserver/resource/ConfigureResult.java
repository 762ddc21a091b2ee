package io.agenttier.apiserver.resource;

import io.agenttier.api.AgentConfigure;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a configuration ended, as its caller is told.
 *
 * @param lastConfiguredAt when one last succeeded; null if none ever did
 * @param installCommandHash of what this one installs; null if that is nothing
 * @param entrypoint in force from now on
 * @param installExitCode −1 if it did not end by itself; null if the outcome is unknown
 * @param skipped nothing was written or run, since just that is in force
 */
record ConfigureResult(
        @Nullable Instant lastConfiguredAt,
        @Nullable String installCommandHash,
        List<String> entrypoint,
        @Nullable Integer installExitCode,
        boolean skipped) {
    ConfigureResult {
        entrypoint = List.copyOf(entrypoint);
    }

    static ConfigureResult of(AgentConfigure configured, boolean skipped) {
        var at = configured.lastConfiguredAt();
        return new ConfigureResult(
                at == null ? null : at.toInstant(),
                configured.installCommandHash(),
                configured.entrypoint(),
                configured.installExitCode(),
                skipped);
    }

    Map<String, @Nullable Object> fields() {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put(
                "lastConfiguredAt",
                lastConfiguredAt == null
                        ? null
                        : lastConfiguredAt.truncatedTo(ChronoUnit.MILLIS).toString());
        fields.put("installCommandHash", installCommandHash);
        fields.put("entrypoint", entrypoint);
        fields.put("installExitCode", installExitCode);
        fields.put("skipped", skipped);
        return fields;
    }
}
