package io.agenttier.apiserver.http;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Lets any client certificate through the handshake and names no accepted issuers. The handshake still proves that the peer holds the key;
 * {@code auth} judges the chain.
 */
final class AnyClient extends X509ExtendedTrustManager {
    private static final int LONGEST_CHAIN = 10;

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        if (chain.length > LONGEST_CHAIN) {
            throw new CertificateException("the client's chain has %d certificates, expected at most %d"
                    .formatted(chain.length, LONGEST_CHAIN));
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("this end is a server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
