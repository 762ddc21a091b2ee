package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards pods: trusts the installation's own authorities and nothing else. One context as long as they stay the same, so that a new
 * connection to a pod resumes the session of an earlier one.
 */
final class PodTls {
    private static final int SESSIONS = 10_000;

    private record Built(List<X509Certificate> authorities, SSLSocketFactory factory) {}

    private volatile @Nullable Built built;

    SSLSocketFactory factory(List<X509Certificate> authorities) {
        var present = built;
        if (present == null || !present.authorities.equals(authorities)) {
            present = new Built(authorities, build(authorities));
            built = present;
        }
        return present.factory;
    }

    private static SSLSocketFactory build(List<X509Certificate> authorities) {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("ca" + i, authorities.get(i));
            }
            var trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(store);
            var context = SSLContext.getInstance("TLSv1.3");
            context.init(null, trust.getTrustManagers(), null);
            context.getClientSessionContext().setSessionCacheSize(SESSIONS);
            return context.getSocketFactory();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("no TLS context can be made of the signer's authorities", e);
        }
    }
}
