package io.agenttier.cli.transport;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who we are to the server.
 *
 * @param authorization value of the {@code Authorization} header, or null
 * @param certificate client certificate, or null
 * @param impersonation {@code Impersonate-*} headers, in order
 */
public record Identity(
        @Nullable String authorization, @Nullable ClientCertificate certificate, List<Header> impersonation) {
    public Identity {
        impersonation = List.copyOf(impersonation);
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "Identity[" + (authorization != null ? "authorization " : "")
                + (certificate != null ? "certificate" : "") + "]";
    }

    /**
     * Both in PEM.
     *
     * @param origin names them in messages, for example {@code user "admin" of /home/me/.kube/config}
     */
    public record ClientCertificate(String certificatePem, String keyPem, String origin) {
        @Override
        public String toString() {
            return "ClientCertificate[" + origin + "]";
        }
    }
}
