package io.agenttier.apiserver.kube;

import io.agenttier.api.AgentConfigure;
import io.agenttier.api.ApiGroup;
import io.agenttier.api.Labels;
import io.agenttier.api.Sandbox;
import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.resource.AgentRecords;
import io.agenttier.apiserver.resource.SandboxState;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.apis.CustomObjectsApi;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.util.PatchUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes {@code status.agentConfigure} and the ConfigMap with the end of an install's output, as a field manager of its own. */
public final class SandboxAgentRecords implements AgentRecords {
    private static final String LOG_KEY = "log";

    private final ApiClient client;
    private final CustomObjectsApi sandboxes;
    private final CoreV1Api core;

    public SandboxAgentRecords(KubeConnection kube) {
        this.client = kube.calls();
        this.sandboxes = new CustomObjectsApi(client);
        this.core = new CoreV1Api(client);
    }

    @Override
    public void write(SandboxState sandbox, AgentConfigure configured) throws IOException {
        var metadata = metadata(sandbox, sandbox.name());
        metadata.put("uid", sandbox.uid());
        var document = document(ApiGroup.API_VERSION, Sandbox.KIND, metadata);
        document.put("status", Map.of("agentConfigure", fields(configured)));
        var patch = patch(document);
        try {
            var _ = PatchUtils.patch(
                    Object.class,
                    () -> sandboxes
                            .patchNamespacedCustomObjectStatus(
                                    ApiGroup.GROUP,
                                    ApiGroup.VERSION,
                                    sandbox.namespace(),
                                    Sandbox.PLURAL,
                                    sandbox.name(),
                                    patch)
                            .fieldManager(Labels.MANAGER_CONFIGURE)
                            .force(true)
                            .buildCall(null),
                    V1Patch.PATCH_FORMAT_APPLY_YAML,
                    client);
        } catch (ApiException e) {
            throw KubeFailure.of(e);
        }
    }

    @Override
    public String keepLog(SandboxState sandbox, String log) throws IOException {
        var name = name(sandbox);
        var found = find(sandbox);
        if (found.isPresent() && !isOwnedBy(sandbox, found.get())) {
            throw new IOException("ConfigMap \"%s\" belongs to somebody else".formatted(name));
        }
        var metadata = metadata(sandbox, name);
        found.map(V1ConfigMap::getMetadata).ifPresent(own -> metadata.put("uid", own.getUid()));
        metadata.put("labels", Map.of(Labels.SANDBOX, sandbox.name()));
        metadata.put(
                "ownerReferences",
                List.of(Map.of(
                        "apiVersion",
                        ApiGroup.API_VERSION,
                        "kind",
                        Sandbox.KIND,
                        "name",
                        sandbox.name(),
                        "uid",
                        sandbox.uid())));
        var document = document("v1", "ConfigMap", metadata);
        document.put("data", Map.of(LOG_KEY, log));
        var patch = patch(document);
        try {
            var _ = PatchUtils.patch(
                    Object.class,
                    () -> core.patchNamespacedConfigMap(name, sandbox.namespace(), patch)
                            .fieldManager(Labels.MANAGER_CONFIGURE)
                            .force(true)
                            .buildCall(null),
                    V1Patch.PATCH_FORMAT_APPLY_YAML,
                    client);
            return name;
        } catch (ApiException e) {
            throw KubeFailure.of(e);
        }
    }

    @Override
    public Optional<String> log(SandboxState sandbox) throws IOException {
        return find(sandbox)
                .filter(stored -> isOwnedBy(sandbox, stored))
                .map(V1ConfigMap::getData)
                .map(data -> data.get(LOG_KEY));
    }

    private Optional<V1ConfigMap> find(SandboxState sandbox) throws IOException {
        try {
            return Optional.of(core.readNamespacedConfigMap(name(sandbox), sandbox.namespace())
                    .execute());
        } catch (ApiException e) {
            if (e.getCode() == 404) {
                return Optional.empty();
            }
            throw KubeFailure.of(e);
        }
    }

    private static boolean isOwnedBy(SandboxState sandbox, V1ConfigMap stored) {
        var metadata = stored.getMetadata();
        return metadata != null
                && metadata.getOwnerReferences() != null
                && metadata.getOwnerReferences().stream()
                        .anyMatch(owner -> sandbox.uid().equals(owner.getUid()));
    }

    private static String name(SandboxState sandbox) {
        return sandbox.name() + "-install-log";
    }

    private static Map<String, Object> metadata(SandboxState sandbox, String name) {
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put("namespace", sandbox.namespace());
        metadata.put("name", name);
        return metadata;
    }

    private static Map<String, Object> document(String apiVersion, String kind, Map<String, Object> metadata) {
        var document = new LinkedHashMap<String, Object>();
        document.put("apiVersion", apiVersion);
        document.put("kind", kind);
        document.put("metadata", metadata);
        return document;
    }

    private static V1Patch patch(Map<String, Object> document) {
        return new V1Patch(new String(Json.write(document), StandardCharsets.UTF_8));
    }

    private static Map<String, Object> fields(AgentConfigure configured) {
        var fields = new LinkedHashMap<String, Object>();
        if (configured.lastConfiguredAt() != null) {
            fields.put(
                    "lastConfiguredAt",
                    configured
                            .lastConfiguredAt()
                            .toInstant()
                            .truncatedTo(ChronoUnit.MILLIS)
                            .toString());
        }
        put(fields, "installCommandHash", configured.installCommandHash());
        if (!configured.entrypoint().isEmpty()) {
            fields.put("entrypoint", configured.entrypoint());
        }
        put(fields, "installExitCode", configured.installExitCode());
        if (configured.installLogConfigMapRef() != null) {
            fields.put(
                    "installLogConfigMapRef",
                    Map.of("name", configured.installLogConfigMapRef().name()));
        }
        put(fields, "maxConcurrentInvokes", configured.maxConcurrentInvokes());
        put(fields, "defaultInvokeTimeoutSeconds", configured.defaultInvokeTimeoutSeconds());
        put(fields, "incarnation", configured.incarnation());
        return fields;
    }

    private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }
}
