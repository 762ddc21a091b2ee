package io.agenttier.apiserver.telemetry;

import io.opentelemetry.api.trace.StatusCode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Spans {@code agenttier.invoke} and {@code agenttier.configure}. One is made when its end is known, which may be after its request's. */
final class AgentSpan {
    /** A refused call may name what is no sandbox: text of the caller's. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

    private static final int HASH_DIGITS = 8;

    private AgentSpan() {}

    /** @param template bounded label */
    static void tell(String name, String template, AgentEnd end) {
        if (!end.request().isSampled()) {
            return;
        }
        var span = end.request()
                .below(name)
                .setStartTimestamp(end.began())
                .setAttribute("template", template)
                .setAttribute("actor_hash", hash(end.user()))
                .setAttribute("outcome", end.outcome())
                .setAttribute("duration_ms", end.took().toMillis())
                .startSpan();
        if (NAME.matcher(end.namespace()).matches() && NAME.matcher(end.name()).matches()) {
            span.setAttribute("sandbox", end.namespace() + "/" + end.name());
        }
        if (end.exitCode() != null) {
            span.setAttribute("exit_code", (long) end.exitCode());
        }
        if (end.output() != null) {
            span.setAttribute("bytes_stdout", end.output().stdout());
            span.setAttribute("bytes_stderr", end.output().stderr());
        }
        if (!end.isGood()) {
            span.setStatus(StatusCode.ERROR);
        }
        span.end(end.began().plus(end.took()));
    }

    /** First digits of SHA-256: the same user can be found again, his name is not told. */
    static String hash(String user) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(user.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
