package io.agenttier.apiserver;

import io.agenttier.apiserver.kube.KubeConnection;
import io.agenttier.apiserver.telemetry.LogLevel;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Starts the server and stops it on SIGTERM. Ends with 2 for a command line that cannot be used, with 1 if kube-apiserver's address is not
 * known.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        ServerConfig config;
        try {
            config = ServerConfig.parse(List.of(arguments));
        } catch (ConfigException e) {
            System.err.println("agenttier-apiserver: " + e.getMessage());
            System.exit(2);
            return;
        }
        LogLevel.set(config.logLevel());
        KubeConnection kube;
        try {
            kube = KubeConnection.open();
        } catch (IOException e) {
            System.err.println(
                    "agenttier-apiserver: neither a ServiceAccount nor a kubeconfig can be read: " + e.getMessage());
            System.exit(1);
            return;
        }
        var server = new ApiServer(config, kube, InstantSource.system());
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            server.stop();
                            stopped.countDown();
                        },
                        "stop"));
        server.start();
        stopped.await();
    }
}
