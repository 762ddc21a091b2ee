package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * Where the value of an environment variable comes from. Exactly one source is set.
 *
 * @param fieldRef A field of the pod.
 * @param resourceFieldRef A resource of a container.
 * @param configMapKeyRef An entry of a ConfigMap.
 * @param secretKeyRef An entry of a Secret, which whoever writes this field must be allowed to get.
 */
public record EnvVarSource(
        @Nullable FieldSelector fieldRef,
        @Nullable ResourceFieldSelector resourceFieldRef,
        @Nullable KeySelector configMapKeyRef,
        @Nullable KeySelector secretKeyRef) {}
