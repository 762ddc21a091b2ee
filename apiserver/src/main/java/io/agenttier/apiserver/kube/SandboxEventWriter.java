package io.agenttier.apiserver.kube;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.Sandbox;
import io.agenttier.apiserver.resource.EventType;
import io.agenttier.apiserver.resource.EventWriter;
import io.agenttier.apiserver.resource.SandboxState;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.CoreV1Event;
import io.kubernetes.client.openapi.models.V1EventSource;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1ObjectReference;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;

/** Creates {@code v1} Events; kube-apiserver gives them a name of their own. */
public final class SandboxEventWriter implements EventWriter {
    private static final String COMPONENT = "agenttier-apiserver";

    private final CoreV1Api api;

    public SandboxEventWriter(KubeConnection kube) {
        this.api = new CoreV1Api(kube.calls());
    }

    @Override
    public void write(SandboxState sandbox, EventType type, String reason, String message, Instant at)
            throws IOException {
        var time = at.atOffset(ZoneOffset.UTC);
        var event = new CoreV1Event()
                .metadata(new V1ObjectMeta().namespace(sandbox.namespace()).generateName(sandbox.name() + "."))
                .involvedObject(new V1ObjectReference()
                        .apiVersion(ApiGroup.API_VERSION)
                        .kind(Sandbox.KIND)
                        .namespace(sandbox.namespace())
                        .name(sandbox.name())
                        .uid(sandbox.uid()))
                .reason(reason)
                .message(message)
                .type(type.wire())
                .source(new V1EventSource().component(COMPONENT))
                .count(1)
                .firstTimestamp(time)
                .lastTimestamp(time);
        try {
            var _ = api.createNamespacedEvent(sandbox.namespace(), event).execute();
        } catch (ApiException e) {
            throw KubeFailure.of(e);
        }
    }
}
