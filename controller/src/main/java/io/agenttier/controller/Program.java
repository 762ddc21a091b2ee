package io.agenttier.controller;

import io.agenttier.api.Names;
import io.agenttier.controller.config.ControllerConfig;
import io.agenttier.controller.effect.Witness;
import io.agenttier.controller.kube.ApiClients;
import io.agenttier.controller.kube.ApiServiceApi;
import io.agenttier.controller.kube.Caches;
import io.agenttier.controller.kube.Leadership;
import io.agenttier.controller.kube.Rest;
import io.agenttier.controller.reconcile.Controllers;
import io.agenttier.controller.telemetry.Endpoints;
import io.agenttier.controller.telemetry.Metrics;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program's object graph, and how it begins and ends. */
public final class Program {
    private static final Logger LOG = LoggerFactory.getLogger(Program.class);

    private Program() {}

    /**
     * Works until the process is told to end.
     *
     * @return whether the Lease was held and lost; the process ends then, since what it began cannot be taken back
     */
    public static boolean run(ControllerConfig config, ApiClients clients, Witness witness)
            throws IOException, InterruptedException {
        var clock = InstantSource.system();
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var leadership = config.leaderElect()
                ? new Leadership(
                        clients.lease(),
                        config.settings().namespace(),
                        Names.CONTROLLER_LEASE,
                        identity(),
                        clock,
                        witness)
                : null;
        BooleanSupplier fence = leadership == null ? () -> true : leadership::mayWrite;
        var metrics = new Metrics();
        var caches = new Caches(clients.watches(), threads);
        var controllers = Controllers.build(
                config,
                caches,
                new Rest(clients.calls(), fence, witness),
                metrics,
                threads,
                clock,
                new SecureRandom(),
                witness);
        var endpoints = Endpoints.start(config.metricsPort(), config.healthPort(), metrics, caches::areFilled, threads);
        var ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            controllers.close();
            if (leadership != null) {
                leadership.close();
            }
            endpoints.close();
            ended.countDown();
        }));
        caches.start();
        caches.awaitFilled();
        if (leadership == null) {
            controllers.start();
            ended.await();
            return false;
        }
        return leadership.run(() -> startWorking(controllers));
    }

    /** Removes the APIService, so that kube-apiserver does not keep asking a service that is gone. */
    public static void uninstall(String apiService, ApiClients clients, Witness witness) {
        new ApiServiceApi(new Rest(clients.calls(), () -> true, witness), apiService).delete();
        LOG.atInfo().addKeyValue("apiService", apiService).log("the APIService is gone");
    }

    private static void startWorking(Controllers controllers) {
        try {
            controllers.start();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Another one for each start, since a process that restarts has lost what it knew. */
    private static String identity() {
        var pod = System.getenv("HOSTNAME");
        return (pod == null ? "controller" : pod) + "_" + UUID.randomUUID();
    }
}
