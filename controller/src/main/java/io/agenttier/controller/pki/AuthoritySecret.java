package io.agenttier.controller.pki;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Content of Secret {@code agenttier-ca}: the CA in force and, after a change, those before it, which are trusted as long as they are valid
 * and sign for those who know no newer one.
 *
 * @param previous the CAs before this one while they are valid, the latest first
 */
public record AuthoritySecret(Authority authority, List<Authority> previous) {
    public static final String NAME = "agenttier-ca";

    /** So long after its beginning a CA signs what others show; it begins 5 min before it is made. */
    static final Duration SETTLING = Duration.ofMinutes(15);

    /** So long before its end a CA signs nothing any more: there is time for everyone to take up another's. */
    static final Duration LAST_SIGNATURE = Duration.ofDays(1);

    private static final String CERTIFICATE = "ca.crt";
    private static final String KEY = "ca.key";
    private static final String PREVIOUS = "previous-ca.crt";
    private static final String PREVIOUS_KEYS = "previous-ca.key";

    public AuthoritySecret {
        previous = List.copyOf(previous);
    }

    public static AuthoritySecret create(Instant now, SecureRandom random) {
        return new AuthoritySecret(Authority.create(now, random), List.of());
    }

    /**
     * @param data the Secret's data as text
     * @throws GeneralSecurityException if a key is missing or unreadable. Nobody replaces a CA by guessing: the caller reports it
     */
    public static AuthoritySecret parse(Map<String, String> data) throws GeneralSecurityException {
        var certificates = Pem.certificates(data.getOrDefault(CERTIFICATE, ""));
        if (certificates.size() != 1) {
            throw new GeneralSecurityException(
                    "key ca.crt holds " + certificates.size() + " certificates, expected exactly 1");
        }
        var key = Pem.privateKey(data.getOrDefault(KEY, ""));
        return new AuthoritySecret(new Authority(new Issued(certificates.getFirst(), key)), previous(data));
    }

    private static List<Authority> previous(Map<String, String> data) throws GeneralSecurityException {
        var certificates = Pem.certificates(data.getOrDefault(PREVIOUS, ""));
        var keys = Pem.privateKeys(data.getOrDefault(PREVIOUS_KEYS, ""));
        if (certificates.size() != keys.size()) {
            throw new GeneralSecurityException("key %s holds %d certificates and key %s %d keys, expected one each"
                    .formatted(PREVIOUS, certificates.size(), PREVIOUS_KEYS, keys.size()));
        }
        var found = new ArrayList<Authority>();
        for (int i = 0; i < keys.size(); i++) {
            found.add(new Authority(new Issued(certificates.get(i), keys.get(i))));
        }
        return found;
    }

    /**
     * The CA that signs {@code leaf} now. A signer's is the oldest one, since pods know the CAs of the day they were made and no newer one; any
     * other's is the newest that every kube-apiserver and apiserver has had time to hear of.
     */
    Authority signing(Leaf leaf, Instant now) {
        if (leaf instanceof Leaf.Signer) {
            return previous.stream()
                    .filter(ca -> now.plus(LAST_SIGNATURE).isBefore(end(ca)))
                    .reduce((_, older) -> older)
                    .orElse(authority);
        }
        var settled = authority.certificate().getNotBefore().toInstant().plus(SETTLING);
        return previous.stream()
                .filter(_ -> now.isBefore(settled))
                .filter(ca -> now.plus(LAST_SIGNATURE).isBefore(end(ca)))
                .findFirst()
                .orElse(authority);
    }

    /** A new certificate by the CA that signs {@code leaf} now. */
    public Issued issue(Leaf leaf, Instant now, SecureRandom random) {
        return signing(leaf, now).issue(leaf, now, random);
    }

    /** What to store instead if something is due now: a new CA that keeps trusting this one, or without predecessors that have ended. */
    public Optional<AuthoritySecret> renewed(Instant now, SecureRandom random) {
        var valid = previous.stream().filter(ca -> now.isBefore(end(ca))).toList();
        if (Renewal.isDue(authority.certificate(), now)) {
            var trusted = new ArrayList<Authority>();
            trusted.add(authority);
            trusted.addAll(valid);
            return Optional.of(new AuthoritySecret(Authority.create(now, random), trusted));
        }
        return valid.size() == previous.size() ? Optional.empty() : Optional.of(new AuthoritySecret(authority, valid));
    }

    public Map<String, String> data() {
        var data = new LinkedHashMap<String, String>();
        data.put(CERTIFICATE, authority.own().certificatePem());
        data.put(KEY, authority.own().keyPem());
        if (!previous.isEmpty()) {
            data.put(PREVIOUS, bundle(previous));
            data.put(
                    PREVIOUS_KEYS,
                    String.join(
                            "", previous.stream().map(ca -> ca.own().keyPem()).toList()));
        }
        return data;
    }

    /** All CAs to trust, the present one first: the {@code ca.crt} of leaves and of pods, and the APIService's caBundle. PEM. */
    public String trustBundle() {
        return authority.own().certificatePem() + bundle(previous);
    }

    private static String bundle(List<Authority> authorities) {
        return String.join(
                "", authorities.stream().map(ca -> ca.own().certificatePem()).toList());
    }

    private static Instant end(Authority ca) {
        return ca.certificate().getNotAfter().toInstant();
    }
}
