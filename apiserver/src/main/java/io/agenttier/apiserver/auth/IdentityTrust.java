package io.agenttier.apiserver.auth;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.MalformedException;
import io.agenttier.apiserver.codec.Pem;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Whom to believe about who calls: ConfigMap {@code kube-system/extension-apiserver-authentication}, which kube-apiserver writes.
 *
 * @param proxyAuthorities CAs of front proxies; empty: no front proxy is believed
 * @param proxyNames common names a front proxy may have; empty: any
 * @param usernameHeaders lower case, as the other header names
 * @param clientAuthorities CAs of clients that come directly; empty: no client certificate is believed
 */
public record IdentityTrust(
        List<X509Certificate> proxyAuthorities,
        List<String> proxyNames,
        List<String> usernameHeaders,
        List<String> uidHeaders,
        List<String> groupHeaders,
        List<String> extraPrefixes,
        List<X509Certificate> clientAuthorities) {

    public IdentityTrust {
        proxyAuthorities = List.copyOf(proxyAuthorities);
        proxyNames = List.copyOf(proxyNames);
        usernameHeaders = List.copyOf(usernameHeaders);
        uidHeaders = List.copyOf(uidHeaders);
        groupHeaders = List.copyOf(groupHeaders);
        extraPrefixes = List.copyOf(extraPrefixes);
        clientAuthorities = List.copyOf(clientAuthorities);
    }

    /**
     * Reads the data of the ConfigMap.
     *
     * @throws MalformedException naming the key that cannot be read
     */
    public static IdentityTrust parse(Map<String, String> data) throws MalformedException {
        return new IdentityTrust(
                certificates(data, "requestheader-client-ca-file"),
                strings(data, "requestheader-allowed-names"),
                lowerCase(strings(data, "requestheader-username-headers")),
                lowerCase(strings(data, "requestheader-uid-headers")),
                lowerCase(strings(data, "requestheader-group-headers")),
                lowerCase(strings(data, "requestheader-extra-headers-prefix")),
                certificates(data, "client-ca-file"));
    }

    /**
     * Whether a header claims an identity, so that nothing behind authentication may see it. An underscore counts as a hyphen: some
     * programs behind us cannot tell them apart.
     */
    boolean isIdentityHeader(String header) {
        var name = header.replace('_', '-');
        return name.equals("authorization")
                || name.startsWith("x-remote-")
                || isImpersonation(name)
                || usernameHeaders.contains(name)
                || uidHeaders.contains(name)
                || groupHeaders.contains(name)
                || extraPrefixes.stream().anyMatch(name::startsWith);
    }

    /** Whether a header asks to act as somebody else. */
    static boolean isImpersonation(String header) {
        return header.replace('_', '-').startsWith("impersonate-");
    }

    private static List<X509Certificate> certificates(Map<String, String> data, String key) throws MalformedException {
        try {
            return Pem.certificates(data.getOrDefault(key, ""));
        } catch (CertificateException e) {
            throw new MalformedException(
                    "key %s holds a certificate that cannot be read: %s".formatted(key, e.getMessage()));
        }
    }

    private static List<String> strings(Map<String, String> data, String key) throws MalformedException {
        var text = data.getOrDefault(key, "");
        if (text.isBlank()) {
            return List.of();
        }
        try {
            return List.of(Json.read(text.getBytes(StandardCharsets.UTF_8), String[].class));
        } catch (MalformedException e) {
            throw new MalformedException("key %s is no JSON list of strings: %s".formatted(key, e.getMessage()));
        }
    }

    private static List<String> lowerCase(List<String> names) {
        var lower = new ArrayList<String>(names.size());
        names.forEach(name -> lower.add(name.toLowerCase(Locale.ROOT)));
        return lower;
    }
}
