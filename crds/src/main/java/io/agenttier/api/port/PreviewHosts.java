package io.agenttier.api.port;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Hosts of previews. Source: Helm {@code networking.previewDomain} and {@code networking.previewHostTemplate}.
 *
 * @param domain below which every host is, for example {@code preview.example.com}
 * @param template with {@code {name}} and {@code {port}}, ending in {@code .{domain}}; {@code {nshash}} tells namespaces apart
 */
public record PreviewHosts(String domain, String template) {
    public static final String DEFAULT_TEMPLATE = "sandbox-{name}-{port}-{nshash}.{domain}";

    /** What a pair has to be, for messages about one that is not. */
    public static final String EXPECTED =
            "lower-case labels with {name} and {port}, and {nshash} if wanted, that end in .{domain}, such as "
                    + DEFAULT_TEMPLATE;

    private static final String LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
    private static final Pattern DOMAIN = Pattern.compile(LABEL + "(\\." + LABEL + ")*");
    private static final Pattern TEMPLATE = Pattern.compile("([-a-z0-9.]|\\{name}|\\{port}|\\{nshash})+\\.\\{domain}");
    private static final int LABEL_MAX = 63;
    private static final int HOST_MAX = 253;
    private static final int HASH_CHARS = 10;
    private static final int PORT_CHARS = 5;

    /** Empty for a pair of which not every host of a sandbox with a short name would be one. */
    public static Optional<PreviewHosts> of(String domain, String template) {
        var hosts = new PreviewHosts(domain, template);
        var usable = DOMAIN.matcher(domain).matches()
                && TEMPLATE.matcher(template).matches()
                && template.contains("{name}")
                && template.contains("{port}")
                && hosts.sandboxNameMax() > 0
                && hosts.host("a".repeat(hosts.sandboxNameMax()), "x", 65_535).length() <= HOST_MAX
                && DOMAIN.matcher(hosts.host("a", "x", 1)).matches();
        return usable ? Optional.of(hosts) : Optional.empty();
    }

    /** Longest name of a sandbox, so that no label has more than 63 characters, whatever its ports are: 38 by the default template. */
    public int sandboxNameMax() {
        return Stream.of(template.split("\\.", -1))
                .filter(label -> label.contains("{name}"))
                .mapToInt(PreviewHosts::roomForName)
                .min()
                .orElse(0);
    }

    /** For example {@code sandbox-demo-8080-57601e2c28.preview.example.com}. */
    public String host(String sandbox, String namespace, int port) {
        return template.replace("{name}", sandbox)
                .replace("{port}", Integer.toString(port))
                .replace("{nshash}", hash(namespace))
                .replace("{domain}", domain);
    }

    private static int roomForName(String label) {
        var names = (label.length() - label.replace("{name}", "").length()) / "{name}".length();
        var rest = label.replace("{name}", "")
                .replace("{port}", "0".repeat(PORT_CHARS))
                .replace("{nshash}", "0".repeat(HASH_CHARS));
        return (LABEL_MAX - rest.length()) / names;
    }

    private static String hash(String namespace) {
        // a DNS label: each character is one byte
        var bytes = new byte[namespace.length()];
        for (var i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) namespace.charAt(i);
        }
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest).substring(0, HASH_CHARS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
