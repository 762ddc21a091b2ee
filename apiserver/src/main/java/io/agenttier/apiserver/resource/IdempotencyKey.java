package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.Call;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** Header {@code Idempotency-Key}: the same key of the same user names the same process, so a repeated call joins it. */
final class IdempotencyKey {
    private static final int MAX_CHARS = 255;
    private static final int NAME_DIGITS = 48;
    private static final int INVOKE_DIGITS = 16;

    private IdempotencyKey() {}

    /**
     * A name for the process of a detached exec; empty without a key, and where the caller chose a name himself.
     *
     * @throws io.agenttier.apiserver.error.ApiException 400 for a key that is empty, too long or not for a detached exec
     */
    static Optional<String> processName(Call call, SandboxExecRequest request) {
        var digest = digest(call);
        if (digest.isEmpty()) {
            return Optional.empty();
        }
        if (!request.isDetached()) {
            throw Parameters.bad(
                    "header Idempotency-Key needs detach: true; for a live exec give the process a name by \"process\"");
        }
        return request.process() != null ? Optional.empty() : digest.map(hex -> "key-" + hex.substring(0, NAME_DIGITS));
    }

    /**
     * The part of an invocation's id that follows from the key: 16 hex digits; empty without a key.
     *
     * @throws io.agenttier.apiserver.error.ApiException 400 for a key that is empty or too long
     */
    static String invokeKey(Call call) {
        return digest(call).map(hex -> hex.substring(0, INVOKE_DIGITS)).orElse("");
    }

    private static Optional<String> digest(Call call) {
        var key = call.header("idempotency-key");
        if (key.isPresent() && (key.get().isBlank() || key.get().length() > MAX_CHARS)) {
            throw Parameters.bad("header Idempotency-Key has %d characters, expected 1 to %d"
                    .formatted(key.get().length(), MAX_CHARS));
        }
        return key.map(text -> digest(call.user().name(), text));
    }

    private static String digest(String user, String key) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            sha.update(user.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            sha.update(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
