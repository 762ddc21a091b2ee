package io.agenttier.controller.config;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import io.agenttier.api.network.Cidr;
import io.agenttier.api.port.PreviewHosts;
import io.agenttier.controller.plan.DnsRule;
import io.agenttier.controller.plan.Peers;
import io.agenttier.controller.plan.Previews;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Arguments about whom sandboxes reach and who reaches them. */
final class NetworkArguments {
    private static final String DEFAULT_DNS = "{\"namespace\":\"kube-system\",\"labels\":{\"k8s-app\":\"kube-dns\"}}";
    private static final String DEFAULT_PROTECTED = "169.254.0.0/16,168.63.129.16/32";
    private static final String SOME_PEERS =
            "{\"namespace\":\"ingress-nginx\",\"labels\":{\"app.kubernetes.io/name\":\"ingress-nginx\"}}";

    private record PeersJson(
            @Nullable String namespace,
            @Nullable Map<String, String> labels,
            @Nullable List<String> cidrs) {}

    private NetworkArguments() {}

    static DnsRule dns(Arguments from) {
        var value = from.text("dns", DEFAULT_DNS);
        return value.equals("any")
                ? new DnsRule.Any()
                : peers("dns", value)
                        .map(DnsRule.Cluster::new)
                        .orElseThrow(() -> ConfigError.of("dns", value, "any, or JSON such as " + DEFAULT_DNS));
    }

    static List<Cidr> protectedCidrs(Arguments from) {
        return cidrs(
                "protected-cidrs",
                List.of(from.text("protected-cidrs", DEFAULT_PROTECTED).split(",", -1)));
    }

    /** Null without a domain. */
    static @Nullable Previews previews(Arguments from) {
        var domain = from.text("preview-domain", "");
        if (domain.isEmpty()) {
            return null;
        }
        var template = from.text("preview-host-template", PreviewHosts.DEFAULT_TEMPLATE);
        var hosts = PreviewHosts.of(domain, template)
                .orElseThrow(() -> ConfigError.of(
                        "preview-host-template",
                        template,
                        PreviewHosts.EXPECTED + ", below a --preview-domain such as preview.example.com, which is \""
                                + domain + "\""));
        var selector = from.text("preview-ingress-selector", "{}");
        return new Previews(
                hosts,
                from.text("preview-ingress-class", ""),
                annotations(from.text("preview-ingress-annotations", "{}")),
                peers("preview-ingress-selector", selector)
                        .orElseThrow(() ->
                                ConfigError.of("preview-ingress-selector", selector, "JSON such as " + SOME_PEERS)));
    }

    private static Map<String, String> annotations(String json) {
        try {
            var parsed = new Gson().fromJson(json, new TypeToken<Map<String, String>>() {});
            if (parsed != null && !parsed.containsValue(null)) {
                return parsed;
            }
        } catch (JsonParseException e) {
            // told below
        }
        throw ConfigError.of("preview-ingress-annotations", json, "JSON such as {\"example.com/auth\":\"on\"}");
    }

    /** Empty for what is no JSON of peers, and for labels that lack their namespace. */
    private static Optional<Peers> peers(String key, String value) {
        try {
            var json = new Gson().fromJson(value, PeersJson.class);
            if (json != null) {
                var namespace = json.namespace() == null ? "" : json.namespace();
                var labels = json.labels() == null ? Map.<String, String>of() : json.labels();
                var cidrs = json.cidrs() == null ? List.<String>of() : json.cidrs();
                cidrs(key, cidrs);
                return labels.isEmpty() || !namespace.isEmpty()
                        ? Optional.of(new Peers(namespace, labels, cidrs))
                        : Optional.empty();
            }
        } catch (JsonParseException e) {
            // told by the caller
        }
        return Optional.empty();
    }

    private static List<Cidr> cidrs(String key, List<String> texts) {
        var ranges = new ArrayList<Cidr>();
        for (var text : texts) {
            if (!text.isBlank()) {
                ranges.add(Cidr.parse(text.strip())
                        .orElseThrow(() -> ConfigError.of(key, text, "ranges of addresses such as 169.254.0.0/16")));
            }
        }
        return ranges;
    }
}
