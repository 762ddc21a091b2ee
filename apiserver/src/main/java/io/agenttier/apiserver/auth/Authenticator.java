package io.agenttier.apiserver.auth;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Who calls. Asked in this order: front proxy, client certificate, bearer token, bearer token of a WebSocket; without any of them the user
 * is {@code system:anonymous}. The connection belongs to the proxy, the user changes with every request, so nothing is kept a connection.
 */
public final class Authenticator {
    private static final String ANONYMOUS = "system:anonymous";
    private static final String AUTHENTICATED = "system:authenticated";
    private static final String UNAUTHENTICATED = "system:unauthenticated";

    private final Supplier<Optional<IdentityTrust>> trust;
    private final BearerTokens tokens;
    private final CertificateVerdicts verdicts;
    private final RefusedCertificates refused;

    /**
     * @param trust the present trust; empty until it was loaded once, which refuses every request
     * @param refusals told the reason for each client certificate that identifies nobody
     */
    public Authenticator(
            Supplier<Optional<IdentityTrust>> trust,
            TokenReviewer reviewer,
            Consumer<String> refusals,
            InstantSource clock) {
        this.trust = trust;
        this.tokens = new BearerTokens(reviewer);
        this.verdicts = new CertificateVerdicts(clock);
        this.refused = new RefusedCertificates(refusals, clock);
    }

    /**
     * Finds the user of one request.
     *
     * @param certificates what the peer presented, leaf first, not verified yet
     * @param headers names in lower case
     * @throws ApiException 401 for credentials that are not valid, 403 for impersonation, 429 for an unknown token while too many are
     *     being reviewed, 503 while the trust is not loaded, 500 when a token could not be reviewed
     */
    public Identity authenticate(List<X509Certificate> certificates, Map<String, List<String>> headers) {
        var current = trust.get()
                .orElseThrow(
                        () -> new ApiException(
                                new ApiError.Unavailable(
                                        "identities cannot be checked yet: kube-system/extension-apiserver-authentication is not loaded")));
        var clean = withoutIdentity(current, headers);
        boolean isProxys = verdicts.verify(certificates, current.proxyAuthorities());
        if (isProxys && isFrontProxy(current, certificates.getFirst())) {
            var user = FrontProxyHeaders.user(current, headers);
            if (user.isPresent()) {
                return new Identity(withAuthenticated(user.get()), true, clean);
            }
        }
        if (headers.keySet().stream().anyMatch(IdentityTrust::isImpersonation)) {
            throw new ApiException(new ApiError.Forbidden(
                    "",
                    "",
                    "impersonation is not served on direct calls: send Impersonate-* headers to kube-apiserver"));
        }
        if (verdicts.verify(certificates, current.clientAuthorities())) {
            var leaf = certificates.getFirst();
            var name = ClientCertificates.commonName(leaf);
            if (!name.isEmpty()) {
                var user = new User(name, "", ClientCertificates.organizations(leaf), Map.of());
                return new Identity(withAuthenticated(user), false, clean);
            }
        }
        var token = bearer(headers).or(() -> SocketToken.of(headers));
        if (token.isPresent()) {
            return new Identity(withAuthenticated(tokens.user(token.get())), false, clean);
        }
        if (!certificates.isEmpty()) {
            throw refused.refuse(certificates.getFirst(), isProxys);
        }
        return new Identity(new User(ANONYMOUS, "", List.of(UNAUTHENTICATED), Map.of()), false, clean);
    }

    /** Whether what the peer presented is the front proxy's, so that it is believed what it says of its clients. */
    public boolean isFrontProxy(List<X509Certificate> certificates) {
        var current = trust.get();
        return current.isPresent()
                && verdicts.verify(certificates, current.get().proxyAuthorities())
                && isFrontProxy(current.get(), certificates.getFirst());
    }

    private static boolean isFrontProxy(IdentityTrust current, X509Certificate leaf) {
        return current.proxyNames().isEmpty() || current.proxyNames().contains(ClientCertificates.commonName(leaf));
    }

    /** A token of {@code Authorization: Bearer}; other schemes are no credentials for us. */
    private static Optional<String> bearer(Map<String, List<String>> headers) {
        var lines = headers.getOrDefault("authorization", List.of());
        if (lines.size() > 1) {
            throw new ApiException(new ApiError.Unauthorized("Authorization is given more than once"));
        }
        return lines.stream()
                .map(line -> line.strip().split("\\s+", 2))
                .filter(parts ->
                        parts.length == 2 && parts[0].toLowerCase(Locale.ROOT).equals("bearer"))
                .map(parts -> parts[1])
                .findFirst();
    }

    /** kube-apiserver calls us with bare users, which RBAC's discovery roles would not match. */
    private static User withAuthenticated(User user) {
        if (user.name().equals(ANONYMOUS)
                || user.groups().contains(AUTHENTICATED)
                || user.groups().contains(UNAUTHENTICATED)) {
            return user;
        }
        var groups = new ArrayList<>(user.groups());
        groups.add(AUTHENTICATED);
        return new User(user.name(), user.uid(), groups, user.extra());
    }

    private static Map<String, List<String>> withoutIdentity(IdentityTrust trust, Map<String, List<String>> headers) {
        var clean = new HashMap<>(SocketToken.without(headers));
        clean.keySet().removeIf(trust::isIdentityHeader);
        return clean;
    }
}
