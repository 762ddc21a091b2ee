package io.agenttier.cli.kubeconfig;

import io.agenttier.cli.transport.Header;
import io.agenttier.cli.transport.Identity;
import io.agenttier.cli.transport.Identity.ClientCertificate;
import io.agenttier.cli.transport.IdentitySource;
import io.agenttier.cli.transport.ServerAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How the user of a kubeconfig proves who he is: certificate, token, token file, password, or a program that makes one of these. */
final class UserCredential {
    private final Entry user;
    private final Map<String, String> environment;
    private final boolean isInteractive;
    private final Entry cluster;
    private final ServerAddress server;

    UserCredential(
            Entry user, Map<String, String> environment, boolean isInteractive, Entry cluster, ServerAddress server) {
        this.user = user;
        this.environment = environment;
        this.isInteractive = isInteractive;
        this.cluster = cluster;
        this.server = server;
    }

    IdentitySource source(ConnectionFlags flags) throws KubeconfigException {
        var impersonation = impersonation(flags);
        if (flags.token() != null) {
            return new Fixed(new Identity(bearer(flags.token()), null, impersonation));
        }
        if (user.object("auth-provider") != null) {
            throw new KubeconfigException("%s: auth-provider was removed from Kubernetes: use an exec credential plugin"
                    .formatted(user.what()));
        }
        var certificate = certificate();
        var exec = user.object("exec");
        if (exec != null) {
            return new ExecCredential(
                    ExecPlugin.of(exec, cluster, server, environment, isInteractive), certificate, impersonation);
        }
        var tokenFile = user.path("tokenFile");
        if (tokenFile.isPresent()) {
            return new FromFile(tokenFile.get(), certificate, impersonation);
        }
        return new Fixed(new Identity(authorization(), certificate, impersonation));
    }

    private @Nullable String authorization() throws KubeconfigException {
        var token = user.text("token");
        if (token.isPresent()) {
            return bearer(token.get());
        }
        var name = user.text("username");
        if (name.isEmpty()) {
            return null;
        }
        var pair = name.get() + ":" + user.text("password").orElse("");
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private @Nullable ClientCertificate certificate() throws KubeconfigException {
        var certificate = user.dataOrFile("client-certificate");
        var key = user.dataOrFile("client-key");
        if (certificate.isEmpty() && key.isEmpty()) {
            return null;
        }
        if (certificate.isEmpty() || key.isEmpty()) {
            throw new KubeconfigException("%s: client-certificate and client-key are needed both, %s is missing"
                    .formatted(user.what(), certificate.isEmpty() ? "client-certificate" : "client-key"));
        }
        return new ClientCertificate(certificate.get(), key.get(), user.what());
    }

    /** Flags replace what the kubeconfig says as a whole. */
    private List<Header> impersonation(ConnectionFlags flags) throws KubeconfigException {
        boolean byFlag = flags.as() != null || !flags.asGroups().isEmpty() || flags.asUid() != null;
        var name = byFlag ? Optional.ofNullable(flags.as()) : user.text("as");
        var groups = byFlag ? flags.asGroups() : user.texts("as-groups");
        var uid = byFlag ? Optional.ofNullable(flags.asUid()) : user.text("as-uid");
        if (name.isEmpty() && (!groups.isEmpty() || uid.isPresent())) {
            throw new KubeconfigException(
                    "requesting groups or uid for the user without impersonating a user: give --as too");
        }
        var headers = new ArrayList<Header>();
        name.ifPresent(value -> headers.add(new Header("Impersonate-User", value)));
        groups.forEach(value -> headers.add(new Header("Impersonate-Group", value)));
        uid.ifPresent(value -> headers.add(new Header("Impersonate-Uid", value)));
        return headers;
    }

    static String bearer(String token) throws KubeconfigException {
        if (!token.matches("[\\x21-\\x7e]+")) {
            throw new KubeconfigException("the token holds blanks or characters that no token has");
        }
        return "Bearer " + token;
    }

    private record Fixed(Identity current) implements IdentitySource {
        @Override
        public boolean refused() {
            return false;
        }
    }

    /** Read anew for each call, since the kubelet replaces it. */
    private record FromFile(Path file, @Nullable ClientCertificate certificate, List<Header> impersonation)
            implements IdentitySource {
        @Override
        public Identity current() throws IOException {
            return new Identity(bearer(SmallFile.read(file, "tokenFile").strip()), certificate, impersonation);
        }

        @Override
        public boolean refused() {
            return false;
        }
    }
}
