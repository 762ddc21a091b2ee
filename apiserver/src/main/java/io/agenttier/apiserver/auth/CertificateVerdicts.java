package io.agenttier.apiserver.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * Remembers for a minute that a chain leads to a CA: the same front proxy presents the same certificate on every connection, and building
 * a path costs about as much as everything else in a call. A changed CA is another key, so a rotation acts at once.
 */
final class CertificateVerdicts {
    private record Key(List<X509Certificate> chain, List<X509Certificate> authorities) {}

    private final InstantSource clock;
    private final Cache<Key, Boolean> verdicts = Caffeine.newBuilder()
            .maximumSize(1024)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    CertificateVerdicts(InstantSource clock) {
        this.clock = clock;
    }

    boolean verify(List<X509Certificate> chain, List<X509Certificate> authorities) {
        if (chain.isEmpty() || authorities.isEmpty()) {
            return false;
        }
        var now = clock.instant();
        var key = new Key(chain, authorities);
        var known = verdicts.getIfPresent(key);
        if (known != null) {
            return known && now.isBefore(chain.getFirst().getNotAfter().toInstant());
        }
        boolean verdict = ClientCertificates.verify(chain, authorities, now);
        verdicts.put(key, verdict);
        return verdict;
    }
}
