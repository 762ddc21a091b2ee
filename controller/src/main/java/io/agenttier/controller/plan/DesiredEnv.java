package io.agenttier.controller.plan;

import io.agenttier.api.EnvFrom;
import io.agenttier.api.EnvVar;
import io.agenttier.api.EnvVarSource;
import io.agenttier.api.Names;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1ConfigMapEnvSource;
import io.kubernetes.client.openapi.models.V1ConfigMapKeySelector;
import io.kubernetes.client.openapi.models.V1EnvFromSource;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1EnvVarSource;
import io.kubernetes.client.openapi.models.V1ObjectFieldSelector;
import io.kubernetes.client.openapi.models.V1ResourceFieldSelector;
import io.kubernetes.client.openapi.models.V1SecretEnvSource;
import io.kubernetes.client.openapi.models.V1SecretKeySelector;
import java.util.ArrayList;
import java.util.List;

/** Environment of containers. */
final class DesiredEnv {
    private DesiredEnv() {}

    /**
     * The user's variables in their order, those of his agent under names that sandboxd knows, then its private key. The key comes last, so that
     * {@code $(AGENTTIER_TLS_KEY)} in a user's value is not defined yet and stays the text it is.
     */
    static List<V1EnvVar> of(List<EnvVar> env, List<EnvVar> agentEnv, String secretName) {
        var variables = variables(env);
        for (var variable : variables(agentEnv)) {
            variables.add(variable.name(PodLayout.AGENT_VARIABLE_PREFIX + variable.getName()));
        }
        variables.add(new V1EnvVar()
                .name(PodLayout.KEY_VARIABLE)
                .valueFrom(new V1EnvVarSource()
                        .secretKeyRef(new V1SecretKeySelector().name(secretName).key(Names.KEY_TLS_KEY))));
        return variables;
    }

    /** All entries of objects. */
    static List<V1EnvFromSource> from(List<EnvFrom> sources) {
        return sources.stream().map(DesiredEnv::source).toList();
    }

    /** Variables of a container in their order. */
    static List<V1EnvVar> variables(List<EnvVar> env) {
        var variables = new ArrayList<V1EnvVar>();
        for (var variable : env) {
            var wire = new V1EnvVar().name(variable.name());
            if (variable.valueFrom() != null) {
                wire.valueFrom(source(variable.valueFrom()));
            } else {
                wire.value(variable.value() == null ? "" : variable.value());
            }
            variables.add(wire);
        }
        return variables;
    }

    private static V1EnvFromSource source(EnvFrom from) {
        var wire = new V1EnvFromSource().prefix(from.prefix());
        if (from.configMapRef() != null) {
            wire.configMapRef(new V1ConfigMapEnvSource()
                    .name(from.configMapRef().name())
                    .optional(from.configMapRef().optional()));
        }
        if (from.secretRef() != null) {
            wire.secretRef(new V1SecretEnvSource()
                    .name(from.secretRef().name())
                    .optional(from.secretRef().optional()));
        }
        return wire;
    }

    private static V1EnvVarSource source(EnvVarSource from) {
        var wire = new V1EnvVarSource();
        if (from.fieldRef() != null) {
            wire.fieldRef(new V1ObjectFieldSelector()
                    .apiVersion(from.fieldRef().apiVersion())
                    .fieldPath(from.fieldRef().fieldPath()));
        }
        if (from.resourceFieldRef() != null) {
            var ref = from.resourceFieldRef();
            wire.resourceFieldRef(new V1ResourceFieldSelector()
                    .containerName(ref.containerName())
                    .resource(ref.resource())
                    .divisor(ref.divisor() == null ? null : new Quantity(ref.divisor())));
        }
        if (from.configMapKeyRef() != null) {
            var ref = from.configMapKeyRef();
            wire.configMapKeyRef(
                    new V1ConfigMapKeySelector().name(ref.name()).key(ref.key()).optional(ref.optional()));
        }
        if (from.secretKeyRef() != null) {
            var ref = from.secretKeyRef();
            wire.secretKeyRef(
                    new V1SecretKeySelector().name(ref.name()).key(ref.key()).optional(ref.optional()));
        }
        return wire;
    }
}
