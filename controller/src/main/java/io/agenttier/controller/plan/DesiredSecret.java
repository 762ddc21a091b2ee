package io.agenttier.controller.plan;

import io.agenttier.api.Labels;
import io.agenttier.api.Names;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SeedFile;
import io.agenttier.controller.sandboxd.StartPlan;
import io.kubernetes.client.openapi.models.V1Secret;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;

/** The immutable Secret of one pod: keys of its TLS and its start plan. It is made before the pod and deleted with it. */
public final class DesiredSecret {
    private static final int DEFAULT_MODE = 0644;

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

    static StartPlan startPlan(Start start) {
        var effective = start.effective();
        var harness = effective.spec().harness();
        var command = new ArrayList<String>();
        if (harness != null && !harness.command().isEmpty()) {
            command.addAll(harness.command());
            command.addAll(harness.args());
        }
        var shell = harness == null || harness.shell() == null ? "" : harness.shell();
        return new StartPlan(
                StartPlan.VERSION,
                start.incarnation(),
                start.sandbox().metadata().namespace(),
                start.sandbox().metadata().name(),
                effective.mountPath(),
                effective.workingDir(),
                shell,
                command,
                files(effective.spec().files(), effective.mountPath()),
                effective.initScripts(),
                start.settings().initTimeout().toSeconds(),
                start.settings().spoolBytes(),
                start.settings().disconnectGrace().toSeconds());
    }

    private static List<StartPlan.File> files(List<SeedFile> files, String root) {
        return files.stream()
                .filter(f -> f.content() != null)
                .map(f -> new StartPlan.File(
                        f.path().startsWith("/") ? f.path() : root + "/" + f.path(),
                        Base64.getEncoder().encodeToString(bytes(f.content())),
                        f.mode() == null ? DEFAULT_MODE : f.mode()))
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
