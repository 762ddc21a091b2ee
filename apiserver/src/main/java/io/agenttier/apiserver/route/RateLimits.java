package io.agenttier.apiserver.route;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.telemetry.Metrics;
import io.agenttier.apiserver.telemetry.Metrics.Rejected;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Calls a second of one user and of one address, where an operator has set them; kube-apiserver's priorities and fairness come first.
 * Each replica counts for itself.
 */
public final class RateLimits {
    /** Of those who call most the buckets are kept; whoever is forgotten begins with a full one. */
    private static final int MOST_BUCKETS = 10_000;

    private static final String RATE_LIMITED = "rate_limited";

    private final Buckets users;
    private final Buckets addresses;
    private final Metrics metrics;
    private final InstantSource clock;

    public RateLimits(TokenBucket.Rate user, TokenBucket.Rate address, Metrics metrics, InstantSource clock) {
        this.users = new Buckets(user);
        this.addresses = new Buckets(address);
        this.metrics = metrics;
        this.clock = clock;
    }

    /** @throws ApiException 429 */
    void takeOf(User user) {
        take(users, user.name(), "user", Rejected.USER);
    }

    /**
     * @param viaFrontProxy whether the peer is kube-apiserver, whose word on the client's address is believed
     * @throws ApiException 429
     */
    void takeOfAddress(Incoming incoming, BooleanSupplier viaFrontProxy) {
        if (!addresses.rate.isOff()) {
            ClientAddress.of(incoming, viaFrontProxy.getAsBoolean())
                    .ifPresent(address -> take(addresses, address, "ip", Rejected.IP));
        }
    }

    private void take(Buckets buckets, String key, String what, Rejected kind) {
        if (buckets.rate.isOff()) {
            return;
        }
        var wait = buckets.take(key, clock.instant());
        if (wait.isZero()) {
            return;
        }
        metrics.callRejected(kind);
        throw new ApiException(new ApiError.Full(
                "too many requests: %s \"%s\" may make %d calls a second, and %d at once after a rest; try again later"
                        .formatted(what, key, buckets.rate.perSecond(), buckets.rate.burst()),
                List.of(new ApiError.Cause(RATE_LIMITED, what, Integer.toString(buckets.rate.perSecond()))),
                wait));
    }

    private record Buckets(TokenBucket.Rate rate, Cache<String, TokenBucket> byKey) {
        Buckets(TokenBucket.Rate rate) {
            this(rate, Caffeine.newBuilder().maximumSize(MOST_BUCKETS).build());
        }

        /** Zero if a call may be made, else how long to wait for it. */
        Duration take(String key, Instant now) {
            var wait = new Duration[] {Duration.ZERO};
            byKey.asMap().compute(key, (_, before) -> {
                var bucket = before == null ? TokenBucket.full(rate, now) : before.at(now, rate);
                wait[0] = bucket.untilOne(rate);
                return bucket.hasOne() ? bucket.withoutOne() : bucket;
            });
            return wait[0];
        }
    }
}
