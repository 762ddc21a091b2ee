package io.agenttier.apiserver.sandboxd;

/**
 * One header field, or one trailer, of an answer.
 *
 * @param name as it came, a token of RFC 9110
 * @param value without the space around it; tabs, printable bytes and those above 0x7f, one character a byte
 */
public record HeaderLine(String name, String value) {
    /** @throws MisbehavedException it is none */
    static HeaderLine parse(String line) throws MisbehavedException {
        int colon = line.indexOf(':');
        if (colon < 1 || !line.chars().limit(colon).allMatch(HeaderLine::isToken)) {
            throw new MisbehavedException("a header field has no proper name");
        }
        return new HeaderLine(
                line.substring(0, colon), line.substring(colon + 1).strip());
    }

    private static boolean isToken(int c) {
        return c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
    }
}
