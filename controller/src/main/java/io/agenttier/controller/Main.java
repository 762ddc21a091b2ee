package io.agenttier.controller;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.agenttier.api.Names;
import io.agenttier.controller.config.ConfigError;
import io.agenttier.controller.config.ControllerConfig;
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
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controller program. {@code uninstall} as first argument removes the APIService instead, so that kube-apiserver does not keep asking a
 * service that is gone. Outside a cluster the environment variable {@code KUBECONFIG} says where to connect.
 */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final int EXIT_FAILED = 1;
    private static final int EXIT_USAGE = 2;

    private Main() {}

    public static void main(String[] args) {
        try {
            var list = List.of(args);
            if (!list.isEmpty() && list.getFirst().equals("uninstall")) {
                uninstall(list.subList(1, list.size()));
            } else {
                run(ControllerConfig.parse(list));
            }
        } catch (ConfigError e) {
            LOG.atError().log(e.getMessage());
            System.exit(EXIT_USAGE);
        } catch (IOException | RuntimeException e) {
            LOG.atError().setCause(e).log("the controller ends");
            System.exit(EXIT_FAILED);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void uninstall(List<String> args) throws IOException {
        var name = ControllerConfig.apiService(args);
        var clients = ApiClients.connect(System.getenv("KUBECONFIG"));
        new ApiServiceApi(new Rest(clients.calls(), () -> true), name).delete();
        LOG.atInfo().addKeyValue("apiService", name).log("the APIService is gone");
    }

    private static void run(ControllerConfig config) throws IOException, InterruptedException {
        logAt(config.logLevel());
        var clock = InstantSource.system();
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var clients = ApiClients.connect(System.getenv("KUBECONFIG"));
        var leadership = config.leaderElect()
                ? new Leadership(
                        clients.lease(), config.settings().namespace(), Names.CONTROLLER_LEASE, identity(), clock)
                : null;
        BooleanSupplier fence = leadership == null ? () -> true : leadership::mayWrite;
        var metrics = new Metrics();
        var caches = new Caches(clients.watches(), threads);
        var controllers = Controllers.build(
                config, caches, new Rest(clients.calls(), fence), metrics, threads, clock, new SecureRandom());
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
        } else if (leadership.run(() -> startWorking(controllers))) {
            LOG.atError().log("the Lease is lost: another replica goes on, this one starts anew");
            System.exit(EXIT_FAILED);
        }
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

    private static void logAt(String level) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger("io.agenttier").setLevel(Level.toLevel(level.toUpperCase(Locale.ROOT)));
        }
    }
}
