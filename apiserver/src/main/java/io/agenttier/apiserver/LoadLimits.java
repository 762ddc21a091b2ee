package io.agenttier.apiserver;

import io.agenttier.apiserver.route.InFlight;
import io.agenttier.apiserver.route.TokenBucket;

/**
 * How much one replica takes on at a time.
 *
 * @param connections open at once, 10000
 * @param headerBytes request line, and all header lines, of one request, 1Mi
 * @param requests at once and of one user, WebSockets apart; 2000 and 500
 * @param webSockets at once and of one user; 5000 and 500
 * @param callsPerSandbox to one sandbox at once, 100
 * @param startsAtOnce processes that are being started, 8
 * @param tokenReviews bearer tokens reviewed at once, 50
 * @param user calls a second of one user; off, with bursts of 100
 * @param ip calls a second of one address; off, with bursts of 30
 */
public record LoadLimits(
        int connections,
        int headerBytes,
        InFlight.Bounds requests,
        InFlight.Bounds webSockets,
        int callsPerSandbox,
        int startsAtOnce,
        int tokenReviews,
        TokenBucket.Rate user,
        TokenBucket.Rate ip) {
    private static final int MOST = 1_000_000;
    /** sandboxd accepts 256 connections, of all replicas and the kubelet together. */
    private static final int MOST_TO_A_POD = 250;

    static LoadLimits of(Values values) throws ConfigException {
        return new LoadLimits(
                number(values, "max-connections"),
                (int) values.bytes("header-bytes", 8 << 10, 16 << 20),
                new InFlight.Bounds(number(values, "max-in-flight"), number(values, "max-in-flight-per-user")),
                new InFlight.Bounds(number(values, "max-web-sockets"), number(values, "max-web-sockets-per-user")),
                (int) values.number("max-calls-per-sandbox", 1, MOST_TO_A_POD),
                number(values, "starts-at-once"),
                number(values, "max-token-reviews"),
                rate(values, "user"),
                rate(values, "ip"));
    }

    private static TokenBucket.Rate rate(Values values, String of) throws ConfigException {
        return new TokenBucket.Rate((int) values.number("rate-per-" + of, 0, MOST), number(values, "burst-per-" + of));
    }

    private static int number(Values values, String key) throws ConfigException {
        return (int) values.number(key, 1, MOST);
    }
}
