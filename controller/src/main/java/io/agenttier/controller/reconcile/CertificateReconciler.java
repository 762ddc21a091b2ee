package io.agenttier.controller.reconcile;

import io.agenttier.controller.kube.SecretApi;
import io.agenttier.controller.kube.Trusting;
import io.agenttier.controller.pki.AuthoritySecret;
import io.agenttier.controller.pki.Leaf;
import io.agenttier.controller.pki.LeafSecret;
import io.agenttier.controller.sandboxd.Signer;
import io.agenttier.controller.telemetry.Metrics;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the CA and the leaves of the installation in their Secrets and kube-apiserver's trust in step. The order is CA, trust, leaves: a new CA
 * is trusted for a while before anything is signed by it, and after a stop anywhere the next run goes on.
 */
public final class CertificateReconciler {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateReconciler.class);
    private static final String TLS = "kubernetes.io/tls";
    private static final String OWN_SIGNER = "agenttier-controller-signer";

    /** Other replicas may write at the same time; each attempt reads anew. */
    private static final int ATTEMPTS = 5;

    private final SecretApi secrets;
    private final List<Trusting> registrations;
    private final Map<String, Leaf> leaves;
    private final Metrics metrics;
    private final InstantSource clock;
    private final SecureRandom random;
    private final AtomicReference<@Nullable AuthoritySecret> authorities = new AtomicReference<>();
    private final AtomicReference<@Nullable Signer> signer = new AtomicReference<>();

    /**
     * @param namespace of the installation
     * @param registrations where kube-apiserver is told what to trust
     * @param service name of the apiserver's Service
     * @param admissionService name of the webhook's Service
     */
    public CertificateReconciler(
            SecretApi secrets,
            List<Trusting> registrations,
            String namespace,
            String service,
            String admissionService,
            Metrics metrics,
            InstantSource clock,
            SecureRandom random) {
        this.secrets = secrets;
        this.registrations = List.copyOf(registrations);
        this.leaves = Map.of(
                "agenttier-apiserver-tls",
                new Leaf.Serving(service + "." + namespace + ".svc"),
                "agenttier-admission-tls",
                new Leaf.Serving(admissionService + "." + namespace + ".svc"),
                "agenttier-apiserver-signer",
                new Leaf.Signer("apiserver"),
                OWN_SIGNER,
                new Leaf.Signer("controller"));
        this.metrics = metrics;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Brings everything up to date.
     *
     * @return whether every registration exists and trusts the CA; without one the rest is in place all the same
     * @throws GeneralSecurityException if the stored CA is unreadable: replacing it would cut off every running pod, so a person has to decide
     */
    public boolean reconcile() throws GeneralSecurityException {
        var ca = authoritySecret();
        authorities.set(ca);
        var trusted = true;
        for (var registration : registrations) {
            trusted &= registration.trust(ca.trustBundle());
        }
        for (var leaf : leaves.entrySet()) {
            var kept = keep(leaf.getKey(), leaf.getValue(), ca);
            if (leaf.getKey().equals(OWN_SIGNER)) {
                signer.set(signer(kept));
            }
        }
        return trusted;
    }

    /** What the controller signs its calls to pods with; empty before the first {@link #reconcile}. */
    Optional<Signer> signer() {
        return Optional.ofNullable(signer.get());
    }

    private static Signer signer(Map<String, String> kept) throws GeneralSecurityException {
        var own = LeafSecret.parse(kept);
        return new Signer(own.key(), own.certificate(), LeafSecret.trusted(kept));
    }

    /**
     * The CAs that sign pods' certificates and that pods trust.
     *
     * @throws IllegalStateException before the first {@link #reconcile}
     */
    AuthoritySecret authorities() {
        var present = authorities.get();
        if (present == null) {
            throw new IllegalStateException("the CA is not known yet");
        }
        return present;
    }

    private AuthoritySecret authoritySecret() throws GeneralSecurityException {
        for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
            var stored = secrets.read(AuthoritySecret.NAME);
            var present = stored.isEmpty() ? Optional.<AuthoritySecret>empty() : Optional.of(parse(stored.get()));
            var next = present.isEmpty()
                    ? Optional.of(AuthoritySecret.create(clock.instant(), random))
                    : present.get().renewed(clock.instant(), random);
            if (next.isEmpty()) {
                metrics.certificateEnds(
                        AuthoritySecret.NAME,
                        present.get().authority().certificate().getNotAfter().toInstant());
                return present.get();
            }
            if (secrets.write(AuthoritySecret.NAME, "Opaque", "ca", next.get().data(), stored)) {
                LOG.atInfo().addKeyValue("secret", AuthoritySecret.NAME).log("made a CA");
            }
        }
        throw new IllegalStateException(
                "Secret \"" + AuthoritySecret.NAME + "\" changed at each of " + ATTEMPTS + " attempts to write it");
    }

    private static AuthoritySecret parse(SecretApi.Stored stored) throws GeneralSecurityException {
        try {
            return AuthoritySecret.parse(stored.data());
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException(
                    "Secret \"" + AuthoritySecret.NAME + "\" is unreadable: " + e.getMessage()
                            + ". Restore it from a backup; deleting it makes a new CA and cuts off every running sandbox",
                    e);
        }
    }

    /** Content of the Secret as it is afterwards. */
    private Map<String, String> keep(String name, Leaf leaf, AuthoritySecret ca) throws GeneralSecurityException {
        for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
            var stored = secrets.read(name);
            var next = stored.isEmpty()
                    ? Optional.of(LeafSecret.create(leaf, ca, clock.instant(), random))
                    : LeafSecret.renewed(stored.get().data(), leaf, ca, clock.instant(), random);
            if (next.isEmpty()) {
                metrics.certificateEnds(
                        name,
                        LeafSecret.certificate(stored.get().data())
                                .getNotAfter()
                                .toInstant());
                return stored.get().data();
            }
            if (secrets.write(name, TLS, purpose(leaf), next.get(), stored)) {
                LOG.atInfo().addKeyValue("secret", name).log("wrote a certificate");
                return next.get();
            }
        }
        throw new IllegalStateException(
                "Secret \"" + name + "\" changed at each of " + ATTEMPTS + " attempts to write it");
    }

    private static String purpose(Leaf leaf) {
        return leaf instanceof Leaf.Signer ? "signer" : "serving-tls";
    }
}
