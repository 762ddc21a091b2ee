package io.agenttier.cli.kubeconfig;

import io.agenttier.cli.transport.ServerAddress;
import io.agenttier.cli.transport.Target;
import io.agenttier.cli.transport.Trust;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From flags, environment and files to one {@link Access}, in kubectl's order: flag, context, the pod's own account. */
public final class AccessLookup {
    private final Map<String, String> environment;
    private final boolean isInteractive;

    /** @param isInteractive whether a program that makes credentials may ask the user */
    public AccessLookup(Map<String, String> environment, boolean isInteractive) {
        this.environment = Map.copyOf(environment);
        this.isInteractive = isInteractive;
    }

    /** @throws KubeconfigException if there is no usable configuration */
    public Access find(ConnectionFlags flags) throws KubeconfigException {
        var config = KubeconfigFiles.load(flags.kubeconfig(), environment);
        if (config.isEmpty() && flags.server() == null && InCluster.isHere(environment)) {
            return InCluster.access(flags, environment);
        }
        var contextName = flags.context() != null ? flags.context() : config.currentContext();
        var context = contextName.isEmpty() ? none("context") : config.context(contextName);
        var cluster = referred(flags.cluster(), context, "cluster", config.clusters());
        var user = referred(flags.user(), context, "user", config.users());
        var target = target(flags, cluster);
        var credential = new UserCredential(user, environment, isInteractive, cluster, target.server());
        return new Access(
                target,
                credential.source(flags),
                flags.namespace() != null
                        ? flags.namespace()
                        : context.text("namespace").orElse("default"));
    }

    private static Entry referred(@Nullable String flag, Entry context, String kind, Map<String, Entry> entries)
            throws KubeconfigException {
        var name = flag != null ? flag : context.text(kind).orElse("");
        if (name.isEmpty()) {
            return none(kind);
        }
        var entry = entries.get(name);
        if (entry == null) {
            throw new KubeconfigException("%s \"%s\" does not exist%s"
                    .formatted(kind, name, flag != null ? "" : ", although " + context.what() + " names it"));
        }
        return entry;
    }

    private Target target(ConnectionFlags flags, Entry cluster) throws KubeconfigException {
        var server = flags.server() != null ? Optional.of(flags.server()) : cluster.text("server");
        if (server.isEmpty()) {
            throw new KubeconfigException(
                    "no cluster is configured: set KUBECONFIG, use --kubeconfig and --context, or --server");
        }
        return new Target(
                address(server.get()),
                trust(flags, cluster),
                cluster.text("tls-server-name").orElse(null),
                proxy(cluster));
    }

    private static @Nullable ServerAddress proxy(Entry cluster) throws KubeconfigException {
        var text = cluster.text("proxy-url");
        if (text.isEmpty()) {
            return null;
        }
        if (!text.get().startsWith("http://")) {
            throw new KubeconfigException("%s: proxy-url \"%s\" is not supported: expected http://HOST[:PORT]"
                    .formatted(cluster.what(), text.get()));
        }
        return address(text.get());
    }

    private static ServerAddress address(String text) throws KubeconfigException {
        try {
            return ServerAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new KubeconfigException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Trust trust(ConnectionFlags flags, Entry cluster) throws KubeconfigException {
        if (flags.certificateAuthority() != null) {
            if (flags.insecureSkipTlsVerify()) {
                throw new KubeconfigException(
                        "--certificate-authority and --insecure-skip-tls-verify exclude each other: choose one");
            }
            var file = Path.of(flags.certificateAuthority());
            return new Trust.Authorities(SmallFile.read(file, "--certificate-authority"), file.toString());
        }
        if (flags.insecureSkipTlsVerify()) {
            return new Trust.Anyone();
        }
        var authority = cluster.dataOrFile("certificate-authority");
        if (cluster.isTrue("insecure-skip-tls-verify")) {
            if (authority.isPresent()) {
                throw new KubeconfigException(
                        "%s: certificate-authority and insecure-skip-tls-verify exclude each other: remove one"
                                .formatted(cluster.what()));
            }
            return new Trust.Anyone();
        }
        return authority.isPresent()
                ? new Trust.Authorities(authority.get(), "certificate-authority of " + cluster.what())
                : new Trust.Public();
    }

    private static Entry none(String kind) {
        return new Entry("no " + kind, Path.of(""), Map.of());
    }
}
