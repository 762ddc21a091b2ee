package io.agenttier.controller.pki;

import java.time.Duration;

/** What a leaf certificate says: its subject, the one name it stands for, and what it may be used for. */
public sealed interface Leaf {
    /** Life of every leaf but the pods'; renewed at two thirds of it. */
    Duration LIFE = Duration.ofDays(90);

    /** Common name of the subject. */
    String commonName();

    /** Serves TLS under exactly one DNS name, for example {@code agenttier-apiserver.agenttier.svc}. */
    record Serving(String dnsName) implements Leaf {
        @Override
        public String commonName() {
            return dnsName.length() <= 64 ? dnsName : "agenttier";
        }
    }

    /** Signs requests to sandboxd as {@code role}, {@code apiserver} or {@code controller}: EKU clientAuth, one URI SAN. */
    record Signer(String role) implements Leaf {
        @Override
        public String commonName() {
            return "agenttier-signer-" + role;
        }

        public String uri() {
            return "agenttier://signer/" + role;
        }
    }

    /** Serves TLS of one pod: SAN {@code <incarnation>.sandbox.agenttier.io}. Lives as long as the CA and dies with its pod. */
    record Pod(String incarnation) implements Leaf {
        @Override
        public String commonName() {
            return incarnation;
        }

        public String dnsName() {
            return incarnation + ".sandbox.agenttier.io";
        }
    }
}
