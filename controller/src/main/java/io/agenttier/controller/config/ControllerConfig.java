package io.agenttier.controller.config;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import io.agenttier.api.GoDuration;
import io.agenttier.api.Quantity;
import io.agenttier.api.ResourceRequirements;
import io.agenttier.api.merge.ClusterDefaults;
import io.agenttier.controller.plan.ClusterSettings;
import io.agenttier.controller.plan.Injection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set. Every argument but {@code --namespace} and {@code --sandboxd-image} has a safe default.
 *
 * @param metricsPort of {@code /metrics}
 * @param healthPort of {@code /healthz} and {@code /readyz}
 * @param leaderElect whether to wait for the Lease before working
 * @param apiService name of the APIService whose caBundle is kept
 * @param service name of the apiserver's Service, part of its certificate's name
 * @param admissionService name of the webhook's Service, part of its certificate's name
 * @param maxConcurrency sandboxes that are worked on at the same time
 * @param logLevel trace, debug, info, warn or error
 */
public record ControllerConfig(
        int metricsPort,
        int healthPort,
        boolean leaderElect,
        Injection.Choice injection,
        String apiService,
        String service,
        String admissionService,
        int maxConcurrency,
        String logLevel,
        ClusterSettings settings) {
    private static final Set<String> LEVELS = Set.of("trace", "debug", "info", "warn", "error");
    private static final Set<String> KEYS = Set.of(
            "namespace",
            "metrics-port",
            "health-port",
            "leader-elect",
            "sandboxd-image",
            "sandboxd-injection",
            "spool-bytes",
            "disconnect-grace",
            "start-deadline",
            "auto-stop-grace",
            "node-loss-deadline",
            "init-timeout",
            "hook-timeout",
            "default-resources",
            "default-storage-size",
            "default-mount-path",
            "default-allow-internet",
            "default-timeout",
            "default-idle-timeout",
            "dns",
            "preview-domain",
            "preview-host-template",
            "preview-ingress-class",
            "preview-ingress-annotations",
            "preview-ingress-selector",
            "protected-cidrs",
            "api-service",
            "service",
            "admission-service",
            "max-concurrency",
            "log-level");

    private static final String API_SERVICE = "subresources-v1alpha1.agenttier.io";

    /** @throws ConfigError for the first argument that cannot be used */
    public static ControllerConfig parse(List<String> args) {
        var from = Arguments.parse(args, KEYS);
        var level = from.text("log-level", "info");
        if (!LEVELS.contains(level)) {
            throw ConfigError.of("log-level", level, "trace, debug, info, warn or error");
        }
        var injection = from.text("sandboxd-injection", "auto");
        return new ControllerConfig(
                from.number("metrics-port", 8081, 0, 65535),
                from.number("health-port", 8082, 0, 65535),
                from.flag("leader-elect", true),
                Injection.Choice.parse(injection)
                        .orElseThrow(() ->
                                ConfigError.of("sandboxd-injection", injection, "auto, imageVolume or initContainer")),
                from.text("api-service", API_SERVICE),
                from.text("service", "agenttier-apiserver"),
                from.text("admission-service", "agenttier-admission"),
                from.number("max-concurrency", 10, 1, 1000),
                level,
                settings(from));
    }

    /** The one argument that {@code uninstall} needs; the others are allowed, so that the same list serves both. */
    public static String apiService(List<String> args) {
        return Arguments.parse(args, KEYS).text("api-service", API_SERVICE);
    }

    private static ClusterSettings settings(Arguments from) {
        return new ClusterSettings(
                from.required("namespace"),
                from.required("sandboxd-image"),
                from.bytes("spool-bytes", 1L << 30),
                from.duration("disconnect-grace", Duration.ofSeconds(10)),
                from.duration("start-deadline", Duration.ofMinutes(10)),
                from.duration("auto-stop-grace", Duration.ofMinutes(5)),
                from.duration("node-loss-deadline", Duration.ofMinutes(5)),
                from.duration("init-timeout", Duration.ofMinutes(10)),
                from.duration("hook-timeout", Duration.ofSeconds(30)),
                NetworkArguments.dns(from),
                NetworkArguments.previews(from),
                NetworkArguments.protectedCidrs(from),
                defaults(from));
    }

    private static ClusterDefaults defaults(Arguments from) {
        var builtIn = ClusterDefaults.BUILT_IN;
        var size = from.text("default-storage-size", builtIn.storageSize());
        if (Quantity.parse(size).filter(Quantity::positive).isEmpty()) {
            throw ConfigError.of("default-storage-size", size, "a quantity greater than 0 such as 10Gi");
        }
        var mountPath = from.text("default-mount-path", builtIn.mountPath());
        if (!mountPath.matches("/[^/\\s]+(/[^/\\s]+)*")) {
            throw ConfigError.of("default-mount-path", mountPath, "an absolute path such as /workspace");
        }
        return new ClusterDefaults(
                resources(from.text("default-resources", ""), builtIn.resources()),
                size,
                mountPath,
                from.flag("default-allow-internet", builtIn.allowInternet()),
                timeout(from, "default-timeout"),
                timeout(from, "default-idle-timeout"));
    }

    /** Endless if it is not given. */
    private static @Nullable String timeout(Arguments from, String key) {
        var text = from.text(key, "");
        if (text.isEmpty()) {
            return null;
        }
        if (GoDuration.parse(text).isEmpty()) {
            throw ConfigError.of(key, text, "a duration such as 8h, or 0 for endless");
        }
        return text;
    }

    private static ResourceRequirements resources(String json, ResourceRequirements orElse) {
        if (json.isEmpty()) {
            return orElse;
        }
        try {
            var parsed = new Gson().fromJson(json, ResourceRequirements.class);
            if (parsed != null && areQuantities(parsed.limits()) && areQuantities(parsed.requests())) {
                return parsed;
            }
        } catch (JsonParseException e) {
            // told below, together with values that are no quantities
        }
        throw ConfigError.of(
                "default-resources", json, "JSON such as {\"requests\":{\"cpu\":\"500m\"},\"limits\":{\"cpu\":\"2\"}}");
    }

    private static boolean areQuantities(Map<String, String> values) {
        return values.values().stream().allMatch(v -> Quantity.parse(v).isPresent());
    }
}
