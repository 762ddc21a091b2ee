package io.agenttier.apiserver;

import io.agenttier.apiserver.kube.KeyPairWatch;
import io.agenttier.apiserver.sandboxd.Signer;
import io.agenttier.apiserver.sandboxd.SignerSource;
import io.agenttier.apiserver.telemetry.Metrics;
import java.security.GeneralSecurityException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The signer of the signer Secret, as it is now. */
final class CurrentSigner implements SignerSource, KeyPairWatch.Sink {
    private final Metrics metrics;
    private volatile @Nullable Signer signer;

    CurrentSigner(Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public Optional<Signer> current() {
        return Optional.ofNullable(signer);
    }

    @Override
    public void take(KeyPairWatch.Pair pair) throws GeneralSecurityException {
        if (pair.authorities().isEmpty()) {
            throw new GeneralSecurityException("ca.crt holds no certificate, so no pod could be verified");
        }
        signer = new Signer(pair.key(), pair.chain().getFirst(), pair.authorities());
        metrics.certificateExpires(
                "signer", pair.chain().getFirst().getNotAfter().toInstant());
    }
}
