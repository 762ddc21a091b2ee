package io.agenttier.apiserver.http;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The certificate this server shows, exchangeable while it runs: new connections take the new pair, open ones stay. A client certificate
 * is asked for and not judged, since which CA may vouch for whom is decided anew for every request.
 */
public final class ServingTls {
    private final AtomicReference<@Nullable SslContext> current = new AtomicReference<>();

    /**
     * Takes a new pair.
     *
     * @param chain leaf first
     * @throws SSLException if key and certificate do not fit; the present pair stays
     */
    public void use(PrivateKey key, List<X509Certificate> chain) throws SSLException {
        current.set(SslContextBuilder.forServer(key, chain)
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .clientAuth(ClientAuth.OPTIONAL)
                .trustManager(new AnyClient())
                // HTTP/2 would put all requests of one kube-apiserver on one connection to one replica
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_1_1))
                .build());
    }

    public boolean isReady() {
        return current.get() != null;
    }

    SslContext context() {
        var context = current.get();
        if (context == null) {
            throw new IllegalStateException("no serving certificate is loaded");
        }
        return context;
    }
}
