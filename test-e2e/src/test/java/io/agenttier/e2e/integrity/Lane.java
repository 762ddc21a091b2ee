package io.agenttier.e2e.integrity;

import io.agenttier.e2e.client.KubeApi;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** Clients that run one command after the other, all through one proxy. */
final class Lane implements AutoCloseable {
    private final Ground ground;
    private final Path kubeconfig;
    private final BreakingProxy proxy;
    private final KubeApi api;
    private final SdkClient sdk;

    /**
     * @param folder for its files
     * @param blob file with the bytes of {@link Blobs#out}
     */
    Lane(Ground ground, Path folder, Path blob, long seed) throws IOException {
        this.ground = ground;
        this.kubeconfig = folder.resolve("kubeconfig-" + seed);
        this.proxy = BreakingProxy.before(ground.namespace().cluster().kubeconfig(), kubeconfig, new Random(seed));
        this.api = KubeApi.of(kubeconfig);
        this.sdk = new SdkClient(ground, kubeconfig, blob);
    }

    /** @param name for its process, where the client lets one choose */
    Outcome run(Work work, String name) {
        proxy.life(work.life());
        var before = proxy.broken();
        var outcome = switch (work.client()) {
            case SSE -> SseClient.run(ground, api, work, name);
            case WEBSOCKET -> SocketClient.run(ground, api, work, name);
            case PLUGIN -> new ProgramClient(ground, work, kubeconfig).plugin();
            case PYTHON_SDK -> sdk.run(work);
            case REMOTECOMMAND -> new ProgramClient(ground, work, kubeconfig).remotecommand(name);
        };
        return outcome.withCuts(Math.max(outcome.cuts(), proxy.broken() - before));
    }

    /** Another client goes on with a process from its first byte; one that can send the rest of the input, if it waits for any. */
    Outcome pickUp(Work work, String id, boolean waitsForInput) {
        return waitsForInput ? SocketClient.pickUp(ground, api, work, id) : SseClient.pickUp(ground, api, work, id);
    }

    @Override
    public void close() throws IOException {
        sdk.close();
        proxy.close();
    }
}
