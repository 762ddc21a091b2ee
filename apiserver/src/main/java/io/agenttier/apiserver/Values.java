package io.agenttier.apiserver;

import io.agenttier.api.GoDuration;
import io.agenttier.api.network.Cidr;
import io.agenttier.api.port.PreviewHosts;
import io.agenttier.apiserver.telemetry.TraceExport;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Values of flags, read by type. */
record Values(Map<String, String> values) {
    private static final Pattern BYTES = Pattern.compile("(\\d{1,15})(|Ki|Mi|Gi)");
    private static final Pattern RATIO = Pattern.compile("0(\\.\\d{1,9})?|1(\\.0{1,9})?");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private String get(String key) {
        return values.getOrDefault(key, "");
    }

    long number(String key, long least, long most) throws ConfigException {
        var text = get(key);
        if (text.matches("\\d{1,15}")) {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw wrong(key, "a number from %d to %d".formatted(least, most));
    }

    /** Bytes: a number, with Ki, Mi or Gi if wanted. */
    long bytes(String key) throws ConfigException {
        var match = BYTES.matcher(get(key));
        if (!match.matches()) {
            throw wrong(key, "a number of bytes such as 1048576, 16Mi or 5Gi");
        }
        long unit = switch (match.group(2)) {
            case "Ki" -> 1L << 10;
            case "Mi" -> 1L << 20;
            case "Gi" -> 1L << 30;
            default -> 1;
        };
        try {
            return Math.multiplyExact(Long.parseLong(match.group(1)), unit);
        } catch (ArithmeticException e) {
            throw wrong(key, "fewer bytes");
        }
    }

    long bytes(String key, long least, long most) throws ConfigException {
        long value = bytes(key);
        if (value < least || value > most) {
            throw wrong(key, "%d to %d bytes".formatted(least, most));
        }
        return value;
    }

    /** As Go writes it. */
    Duration duration(String key) throws ConfigException {
        return GoDuration.parse(get(key)).orElseThrow(() -> wrong(key, "a duration such as 500ms, 10s or 1h30m"));
    }

    Duration duration(String key, Duration least, Duration most) throws ConfigException {
        var value = duration(key);
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw wrong(key, "%d s to %d s".formatted(least.toSeconds(), most.toSeconds()));
        }
        return value;
    }

    /** Ranges of addresses, with commas between them. */
    List<Cidr> ranges(String key) throws ConfigException {
        var ranges = new ArrayList<Cidr>();
        for (var text : get(key).isEmpty() ? List.<String>of() : List.of(get(key).split(",", -1))) {
            ranges.add(Cidr.parse(text)
                    .orElseThrow(() -> wrong(key, "ranges such as 169.254.0.0/16,fd00::/8, without spaces")));
        }
        return ranges;
    }

    /** Null if the domain is empty. */
    @Nullable
    PreviewHosts previews(String domain, String template) throws ConfigException {
        if (get(domain).isEmpty()) {
            return null;
        }
        return PreviewHosts.of(get(domain), get(template))
                .orElseThrow(() -> wrong(
                        template,
                        "%s, below a --%s such as preview.example.com, which is \"%s\""
                                .formatted(PreviewHosts.EXPECTED, domain, get(domain))));
    }

    /** Null if the endpoint is empty. The ratio has to be one all the same. */
    @Nullable
    TraceExport otlp(String endpoint, String ratio) throws ConfigException {
        if (!RATIO.matcher(get(ratio)).matches()) {
            throw wrong(ratio, "a share from 0 to 1 such as 0.05");
        }
        return get(endpoint).isEmpty() ? null : new TraceExport(address(endpoint), Double.parseDouble(get(ratio)));
    }

    private URI address(String key) throws ConfigException {
        try {
            var uri = new URI(get(key));
            boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            boolean isPlain = uri.getUserInfo() == null && uri.getQuery() == null && uri.getFragment() == null;
            if (isHttp && uri.getHost() != null && isPlain) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // told below
        }
        throw wrong(key, "an address such as http://otel-collector.observability:4318");
    }

    String name(String key) throws ConfigException {
        if (!NAME.matcher(get(key)).matches()) {
            throw wrong(key, "a name such as agenttier");
        }
        return get(key);
    }

    boolean flag(String key) throws ConfigException {
        return choice(key, List.of("true", "false")).equals("true");
    }

    String choice(String key, List<String> choices) throws ConfigException {
        if (!choices.contains(get(key))) {
            throw wrong(key, "one of " + String.join(", ", choices));
        }
        return get(key);
    }

    private ConfigException wrong(String key, String expected) {
        return new ConfigException("flag --%s is \"%s\", expected %s".formatted(key, get(key), expected));
    }
}
