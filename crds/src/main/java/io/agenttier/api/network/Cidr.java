package io.agenttier.api.network;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A range of addresses such as {@code 10.0.0.0/8} or {@code fc00::/7}.
 *
 * @param text as written
 * @param first number of the lowest address
 * @param prefix length in bits
 * @param bits 32 or 128
 */
public record Cidr(String text, BigInteger first, int prefix, int bits) {
    /** The range that {@code text} names; empty unless it is a literal address and a prefix of its family. No name is ever looked up. */
    public static Optional<Cidr> parse(String text) {
        var slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}") || text.indexOf('%') >= 0) {
            return Optional.empty();
        }
        try {
            var literal = text.substring(0, slash);
            var address = InetAddress.ofLiteral(literal);
            var bits = address.getAddress().length * 8;
            var prefix = Integer.parseInt(text.substring(slash + 1));
            if (prefix > bits || (address instanceof Inet4Address && !literal.matches("[0-9]+(\\.[0-9]+){3}"))) {
                return Optional.empty();
            }
            var host = bits - prefix;
            var first = new BigInteger(1, address.getAddress()).shiftRight(host).shiftLeft(host);
            return Optional.of(new Cidr(text, first, prefix, bits));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** As {@link #parse}; a single address is the range of itself alone. */
    public static Optional<Cidr> parseRangeOrAddress(String text) {
        return parse(text).or(() -> parse(text + (text.indexOf(':') < 0 ? "/32" : "/128")));
    }

    /**
     * A range that is part of the program.
     *
     * @throws IllegalArgumentException if {@code text} is no range
     */
    public static Cidr of(String text) {
        return parse(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "\"" + text + "\" is no range of addresses, expected for example 10.0.0.0/8 or fc00::/7"));
    }

    public boolean isV4() {
        return bits == 32;
    }

    /** Whether every address of {@code other} lies in this range. */
    public boolean contains(Cidr other) {
        return bits == other.bits
                && prefix <= other.prefix
                && other.first.shiftRight(bits - prefix).equals(first.shiftRight(bits - prefix));
    }
}
