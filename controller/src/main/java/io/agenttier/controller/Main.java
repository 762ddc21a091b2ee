package io.agenttier.controller;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.agenttier.controller.config.ConfigError;
import io.agenttier.controller.config.ControllerConfig;
import io.agenttier.controller.effect.Witness;
import io.agenttier.controller.kube.ApiClients;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
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
                Program.uninstall(ControllerConfig.apiService(list.subList(1, list.size())), connect(), Witness.NONE);
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

    private static void run(ControllerConfig config) throws IOException, InterruptedException {
        logAt(config.logLevel());
        if (Program.run(config, connect(), Witness.NONE)) {
            LOG.atError().log("the Lease is lost: another replica goes on, this one starts anew");
            System.exit(EXIT_FAILED);
        }
    }

    private static ApiClients connect() throws IOException {
        return ApiClients.connect(System.getenv("KUBECONFIG"));
    }

    private static void logAt(String level) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger("io.agenttier").setLevel(Level.toLevel(level.toUpperCase(Locale.ROOT)));
        }
    }
}
