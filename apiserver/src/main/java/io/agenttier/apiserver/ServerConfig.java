package io.agenttier.apiserver;

import io.agenttier.api.network.Cidr;
import io.agenttier.api.port.PreviewHosts;
import io.agenttier.apiserver.resource.ConfigureLimits;
import io.agenttier.apiserver.telemetry.LogLevel;
import io.agenttier.apiserver.telemetry.TraceExport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How this server runs, from its command line: {@code --key=value}, each key at most once.
 *
 * @param port HTTPS port; 8443
 * @param namespace its own, where its Secrets are; required
 * @param service name of its Service; {@code agenttier-apiserver}
 * @param admissionPort HTTPS port of the admission webhook; 9443
 * @param admissionService name of the webhook's Service; {@code agenttier-admission}
 * @param protectedCidrs ranges that only a ClusterSandboxTemplate may open, beside link-local ones; none
 * @param previews hosts of http ports, from {@code --preview-domain} and {@code --preview-host-template}; null without a domain
 * @param execBodyBytes longest body of an exec; 16Mi
 * @param execOutputBytes most output of each stream in one JSON document; 8Mi
 * @param fileBytes largest file; 5Gi
 * @param archiveBytes largest archive that is extracted; 5Gi
 * @param startDeadline longest wait for a sandbox that a call starts; 10m
 * @param terminalRetention how long the shell of a session is kept without a viewer, 30s to 24h; 24h
 * @param configure files of a configuration, at most what sandboxd takes: 32Mi a file, 128Mi together, 200 files
 * @param invokeBodyBytes longest body of an invocation; 16Mi
 * @param maxInvokeTimeout longest that any invocation may take; 24h
 * @param installTimeout longest that an agent's installation may take; 15m
 * @param otlp where spans go, from {@code --otlp-endpoint} and {@code --otlp-sample-ratio}, which is 1; null without an endpoint: none are made
 * @param auditInvokePayloads audit lines hold argv and the beginning of standard input, for development only; false
 * @param logLevel {@code error}, {@code warn}, {@code info}, {@code debug} or {@code trace}; {@code info}
 * @param shutdownDelay from "not ready" to the end of listening, so that endpoints and kube-apiserver notice; 10s
 * @param shutdownDrain longest wait for running calls after that; 30s
 * @param load how much it takes on at a time
 */
public record ServerConfig(
        int port,
        String namespace,
        String service,
        int admissionPort,
        String admissionService,
        List<Cidr> protectedCidrs,
        @Nullable PreviewHosts previews,
        long execBodyBytes,
        long execOutputBytes,
        long fileBytes,
        long archiveBytes,
        Duration startDeadline,
        Duration terminalRetention,
        ConfigureLimits configure,
        long invokeBodyBytes,
        Duration maxInvokeTimeout,
        Duration installTimeout,
        @Nullable TraceExport otlp,
        boolean auditInvokePayloads,
        String logLevel,
        Duration shutdownDelay,
        Duration shutdownDrain,
        LoadLimits load) {

    public ServerConfig {
        protectedCidrs = List.copyOf(protectedCidrs);
    }

    private static final Map<String, String> DEFAULTS = defaults();

    private static Map<String, String> defaults() {
        var defaults = new LinkedHashMap<String, String>();
        defaults.put("port", "8443");
        defaults.put("namespace", "");
        defaults.put("service", "agenttier-apiserver");
        defaults.put("admission-port", "9443");
        defaults.put("admission-service", "agenttier-admission");
        defaults.put("protected-cidrs", "");
        defaults.put("preview-domain", "");
        defaults.put("preview-host-template", PreviewHosts.DEFAULT_TEMPLATE);
        defaults.put("exec-body-bytes", "16Mi");
        defaults.put("exec-output-bytes", "8Mi");
        defaults.put("file-bytes", "5Gi");
        defaults.put("archive-bytes", "5Gi");
        defaults.put("start-deadline", "10m");
        defaults.put("terminal-retention", "24h");
        defaults.put("configure-file-bytes", "32Mi");
        defaults.put("configure-total-bytes", "128Mi");
        defaults.put("configure-files", "200");
        defaults.put("invoke-body-bytes", "16Mi");
        defaults.put("max-invoke-timeout", "24h");
        defaults.put("install-timeout", "15m");
        defaults.put("otlp-endpoint", "");
        defaults.put("otlp-sample-ratio", "1");
        defaults.put("audit-invoke-payloads", "false");
        defaults.put("log-level", "info");
        defaults.put("shutdown-delay", "10s");
        defaults.put("shutdown-drain", "30s");
        defaults.put("max-connections", "10000");
        defaults.put("header-bytes", "1Mi");
        defaults.put("max-in-flight", "2000");
        defaults.put("max-in-flight-per-user", "500");
        defaults.put("max-web-sockets", "5000");
        defaults.put("max-web-sockets-per-user", "500");
        defaults.put("max-calls-per-sandbox", "100");
        defaults.put("starts-at-once", "8");
        defaults.put("max-token-reviews", "50");
        defaults.put("rate-per-user", "0");
        defaults.put("burst-per-user", "100");
        defaults.put("rate-per-ip", "0");
        defaults.put("burst-per-ip", "30");
        return defaults;
    }

    /** @throws ConfigException for an unknown or doubled flag, or a value that cannot be read */
    static ServerConfig parse(List<String> arguments) throws ConfigException {
        var values = new Values(read(arguments));
        return new ServerConfig(
                (int) values.number("port", 0, 65_535),
                values.name("namespace"),
                values.name("service"),
                (int) values.number("admission-port", 0, 65_535),
                values.name("admission-service"),
                values.ranges("protected-cidrs"),
                values.previews("preview-domain", "preview-host-template"),
                values.bytes("exec-body-bytes"),
                values.bytes("exec-output-bytes"),
                values.bytes("file-bytes"),
                values.bytes("archive-bytes"),
                values.duration("start-deadline"),
                values.duration("terminal-retention", Duration.ofSeconds(30), Duration.ofHours(24)),
                configure(values),
                values.bytes("invoke-body-bytes"),
                values.duration("max-invoke-timeout", Duration.ofSeconds(1), Duration.ofDays(365)),
                values.duration("install-timeout", Duration.ofSeconds(1), Duration.ofHours(24)),
                values.otlp("otlp-endpoint", "otlp-sample-ratio"),
                values.flag("audit-invoke-payloads"),
                values.choice("log-level", LogLevel.NAMES),
                values.duration("shutdown-delay"),
                values.duration("shutdown-drain"),
                LoadLimits.of(values));
    }

    private static ConfigureLimits configure(Values values) throws ConfigException {
        var most = ConfigureLimits.DEFAULT;
        return new ConfigureLimits(
                (int) values.bytes("configure-file-bytes", 1, most.fileBytes()),
                values.bytes("configure-total-bytes", 1, most.totalBytes()),
                (int) values.number("configure-files", 1, most.files()));
    }

    private static Map<String, String> read(List<String> arguments) throws ConfigException {
        var given = new ArrayList<String>();
        var values = new LinkedHashMap<>(DEFAULTS);
        for (var argument : arguments) {
            int equals = argument.indexOf('=');
            if (!argument.startsWith("--") || equals < 0) {
                throw new ConfigException(
                        "argument \"%s\" is not understood: expected --key=value".formatted(argument));
            }
            var key = argument.substring(2, equals);
            if (!DEFAULTS.containsKey(key)) {
                throw new ConfigException("unknown flag --%s: expected one of --%s"
                        .formatted(key, String.join(", --", DEFAULTS.keySet())));
            }
            if (given.contains(key)) {
                throw new ConfigException("flag --%s is given twice".formatted(key));
            }
            given.add(key);
            values.put(key, argument.substring(equals + 1));
        }
        return values;
    }
}
