package io.agenttier.controller.plan;

import io.agenttier.api.Labels;
import io.agenttier.api.Names;
import io.agenttier.api.Sandbox;
import io.kubernetes.client.openapi.models.V1Secret;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/** The immutable Secret of one pod: keys of its TLS and its start plan. It is made before the pod and deleted with it. */
public final class DesiredSecret {
    private DesiredSecret() {}

    /**
     * @param certificatePem the pod's certificate
     * @param keyPem its private key, PKCS#8
     * @param caPem the CA that signs for this pod's callers
     * @param startPlan JSON of the start plan
     */
    public static V1Secret of(
            Sandbox sandbox, String incarnation, String certificatePem, String keyPem, String caPem, String startPlan) {
        var data = new TreeMap<String, byte[]>();
        data.put(Names.KEY_CA_CERT, bytes(caPem));
        data.put(Names.KEY_START_PLAN, bytes(startPlan));
        data.put(Names.KEY_TLS_CERT, bytes(certificatePem));
        data.put(Names.KEY_TLS_KEY, bytes(keyPem));
        var metadata =
                Owned.metadata(sandbox, Names.secretName(sandbox.metadata().name(), incarnation));
        metadata.putLabelsItem(Labels.INCARNATION, incarnation);
        metadata.putLabelsItem(Labels.SECRET_PURPOSE, Labels.PURPOSE_RUNTIME_TLS);
        return new V1Secret()
                .apiVersion(ResourceKind.SECRET.apiVersion())
                .kind(ResourceKind.SECRET.kind())
                .metadata(metadata)
                .type("Opaque")
                .immutable(true)
                .data(data);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
