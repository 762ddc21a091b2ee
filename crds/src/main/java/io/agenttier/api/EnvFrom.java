package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * All entries of a ConfigMap or Secret as environment variables. Exactly one source is set.
 *
 * @param prefix Put before every key.
 * @param configMapRef The ConfigMap.
 * @param secretRef The Secret, which whoever writes this field must be allowed to get.
 */
public record EnvFrom(
        @Nullable String prefix,
        @Nullable ObjectRef configMapRef,
        @Nullable ObjectRef secretRef) {}
