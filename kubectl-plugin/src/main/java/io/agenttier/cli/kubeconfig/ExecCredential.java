package io.agenttier.cli.kubeconfig;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.transport.Header;
import io.agenttier.cli.transport.Identity;
import io.agenttier.cli.transport.Identity.ClientCertificate;
import io.agenttier.cli.transport.IdentitySource;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Credentials made by a program, kept in memory until they expire or the server refuses them. */
final class ExecCredential implements IdentitySource {
    private final ExecPlugin plugin;
    private final @Nullable ClientCertificate configured;
    private final List<Header> impersonation;
    private @Nullable Identity present;
    private Instant expiry = Instant.MAX;

    ExecCredential(ExecPlugin plugin, @Nullable ClientCertificate configured, List<Header> impersonation) {
        this.plugin = plugin;
        this.configured = configured;
        this.impersonation = List.copyOf(impersonation);
    }

    @Override
    public synchronized Identity current() throws IOException {
        if (present == null || !Instant.now().isBefore(expiry)) {
            var answer = new PluginRun(plugin).answer();
            present = identity(answer);
            expiry = expiry(answer);
        }
        return present;
    }

    @Override
    public synchronized boolean refused() {
        present = null;
        return true;
    }

    private Identity identity(Json answer) throws KubeconfigException {
        var status = answer.at("status");
        var token = status.at("token").textOrEmpty();
        var certificate = status.at("clientCertificateData").textOrEmpty();
        var key = status.at("clientKeyData").textOrEmpty();
        if (token.isEmpty() && certificate.isEmpty()) {
            throw new KubeconfigException("%s returned neither a token nor a certificate".formatted(plugin.what()));
        }
        if (certificate.isEmpty() != key.isEmpty()) {
            throw new KubeconfigException(
                    "%s returned only one of clientCertificateData and clientKeyData".formatted(plugin.what()));
        }
        return new Identity(
                token.isEmpty() ? null : UserCredential.bearer(token),
                certificate.isEmpty() ? configured : new ClientCertificate(certificate, key, plugin.what()),
                impersonation);
    }

    private Instant expiry(Json answer) throws KubeconfigException {
        var text = answer.at("status", "expirationTimestamp").textOrEmpty();
        try {
            return text.isEmpty() ? Instant.MAX : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new KubeconfigException(
                    "%s returned expirationTimestamp \"%s\": expected RFC 3339".formatted(plugin.what(), text), e);
        }
    }
}
