package io.agenttier.controller.pki;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/** When a certificate is replaced: at two thirds of its life, so that a third is left for everyone to take up the new one. */
public final class Renewal {
    private Renewal() {}

    public static boolean isDue(X509Certificate certificate, Instant now) {
        return !now.isBefore(at(certificate));
    }

    /** The time from which on {@code certificate} is due. */
    public static Instant at(X509Certificate certificate) {
        var begin = certificate.getNotBefore().toInstant();
        var life = Duration.between(begin, certificate.getNotAfter().toInstant());
        return begin.plus(life.multipliedBy(2).dividedBy(3));
    }
}
