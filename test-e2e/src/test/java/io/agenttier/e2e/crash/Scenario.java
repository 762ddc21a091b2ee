package io.agenttier.e2e.crash;

import static io.agenttier.controller.effect.Effect.COUNT_EVENT;
import static io.agenttier.controller.effect.Effect.CREATE_CERTIFICATE;
import static io.agenttier.controller.effect.Effect.DELETE_POD_NOW;
import static io.agenttier.controller.effect.Effect.RENEW_CERTIFICATE;
import static io.agenttier.controller.effect.Effect.TRUST_API_SERVICE;
import static io.agenttier.controller.effect.Effect.TRUST_WEBHOOK;
import static io.agenttier.controller.effect.Effect.WRITE_LEASE;

import io.agenttier.controller.effect.Effect;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * One piece of a sandbox's life, or of the installation's: where it begins, what begins it, and where it ends, however often a controller dies on the
 * way.
 */
enum Scenario {
    CREATE("", "Running") {
        @Override
        void begin(Subject subject) {
            subject.create("{}");
        }
    },
    STOP("Running", "Stopped") {
        @Override
        void begin(Subject subject) {
            subject.patch("{\"spec\":{\"powerState\":\"Stopped\"}}");
        }
    },
    RESUME("Stopped", "Running") {
        @Override
        void begin(Subject subject) {
            subject.patch("{\"spec\":{\"powerState\":\"Running\"}}");
        }
    },
    DELETE("Running", "") {
        @Override
        void begin(Subject subject) {
            subject.delete();
        }
    },
    /** Late enough that a controller which starts slowly is there before, and announces it. */
    STOP_AT_A_TIME("Running", "Stopped") {
        @Override
        void begin(Subject subject) {
            var at = Instant.now().plusSeconds(45).truncatedTo(ChronoUnit.SECONDS);
            subject.patch("{\"spec\":{\"shutdownTime\":\"" + at + "\"}}");
        }
    },
    STOP_WHEN_IDLE("Running", "Stopped") {
        @Override
        void begin(Subject subject) {
            subject.patch("{\"spec\":{\"idleTimeout\":\"1s\"}}");
        }
    },
    DELETE_AFTER_ITS_TIME("Stopped", "") {
        @Override
        void begin(Subject subject) {
            subject.patch("{\"spec\":{\"ttlSecondsAfterStopped\":1}}");
        }
    },
    MEND("Running", "Running") {
        @Override
        void prepare(Subject subject) {
            subject.create("{\"storage\":{\"size\":\"64Mi\",\"storageClass\":\"shared\"}}");
        }

        @Override
        void begin(Subject subject) {
            subject.patch(
                    "/apis/networking.k8s.io/v1/namespaces/" + subject.namespace() + "/networkpolicies/" + Subject.NAME
                            + "-netpol",
                    "{\"spec\":{\"egress\":[]}}");
            subject.patch("{\"spec\":{\"storage\":{\"size\":\"128Mi\"}}}");
        }
    },
    FORWARD("Running", "Running") {
        @Override
        void begin(Subject subject) {
            subject.patch("{\"spec\":{\"ports\":[{\"port\":8080}]}}");
        }

        @Override
        boolean isOver(Subject subject) {
            return subject.is("Running") && subject.holds("PortsForwarded");
        }

        @Override
        List<String> made() {
            return PORT;
        }
    },
    MEND_A_PORT("Running", "Running") {
        @Override
        void prepare(Subject subject) {
            subject.create(FORWARDING);
        }

        @Override
        boolean isPrepared(Subject subject) {
            return subject.is("Running") && subject.holds("PortsForwarded");
        }

        @Override
        void begin(Subject subject) {
            subject.patch(subject.port("services"), "{\"spec\":{\"selector\":{\"app\":\"other\"}}}");
            subject.patch(subject.port("ingresses"), "{\"spec\":{\"rules\":[{\"host\":\"other.test\"}]}}");
        }

        @Override
        boolean isOver(Subject subject) {
            var selector = subject.api().get(subject.port("services")).json().at("/spec/selector");
            var host = subject.api().get(subject.port("ingresses")).json().at("/spec/rules/0/host");
            return selector.size() == 1 && host.asText().startsWith("sandbox-sb-8080-");
        }

        @Override
        List<String> made() {
            return PORT;
        }
    },
    REMOVE_A_PORT("Running", "Running") {
        @Override
        void prepare(Subject subject) {
            subject.create(FORWARDING);
        }

        @Override
        boolean isPrepared(Subject subject) {
            return subject.is("Running") && subject.holds("PortsForwarded");
        }

        @Override
        void begin(Subject subject) {
            subject.patch("{\"spec\":{\"ports\":null}}");
        }

        @Override
        boolean isOver(Subject subject) {
            return subject.is("Running")
                    && subject.get().at("/status/forwardedPorts").isEmpty()
                    && subject.made().stream().noneMatch(PORT::contains);
        }
    },
    /** A pod whose node is gone keeps its volume until it is taken out of the API. No real node takes this one. */
    LOSE_THE_NODE("Creating", "Creating", DELETE_POD_NOW) {
        @Override
        void prepare(Subject subject) {
            subject.create("{\"resources\":{\"requests\":{\"cpu\":\"9000\"},\"limits\":{\"cpu\":\"9000\"}}}");
        }

        @Override
        boolean isPrepared(Subject subject) {
            return subject.pods().size() == 1;
        }

        @Override
        void begin(Subject subject) {
            new GhostNode(subject.api()).take(subject.pods().getFirst());
        }

        @Override
        boolean isOver(Subject subject) {
            var pods = subject.pods();
            return pods.size() == 1 && !pods.getFirst().get("spec").has("nodeName");
        }
    },
    /** The same Event twice in the life of one controller. */
    REPEAT("Stopped", "Stopped", COUNT_EVENT) {
        @Override
        void begin(Subject subject) {
            subject.patch("{\"spec\":{\"powerState\":\"Running\"}}");
        }

        @Override
        void goOn(Subject subject, ControllerProcess controller) {
            for (var power : new String[] {"Stopped", "Running", "Stopped"}) {
                Awaitility.await()
                        .atMost(60, TimeUnit.SECONDS)
                        .pollDelay(0, TimeUnit.MILLISECONDS)
                        .until(() ->
                                !controller.isAlive() || subject.is(power.equals("Stopped") ? "Running" : "Stopped"));
                subject.patch("{\"spec\":{\"powerState\":\"" + power + "\"}}");
            }
        }
    },
    LEAD("", "", WRITE_LEASE) {
        @Override
        void begin(Subject installation) {}

        @Override
        boolean isOver(Subject installation) {
            return Installation.isLed(installation.api());
        }
    },
    MAKE_A_CERTIFICATE("", "", CREATE_CERTIFICATE) {
        @Override
        void begin(Subject installation) {
            Installation.removeCertificate(installation.api());
        }

        @Override
        boolean isOver(Subject installation) {
            return Installation.hasCertificates(installation.api());
        }
    },
    RENEW_A_CERTIFICATE("", "", RENEW_CERTIFICATE) {
        @Override
        void begin(Subject installation) {
            Installation.spoilCertificate(installation.api());
        }

        @Override
        boolean isOver(Subject installation) {
            return Installation.hasCertificates(installation.api());
        }
    },
    /** While there is no trust no Sandbox can be written: the last of all. */
    EARN_TRUST("", "", TRUST_API_SERVICE, TRUST_WEBHOOK) {
        @Override
        void begin(Subject installation) {
            Installation.removeTrust(installation.api());
        }

        @Override
        boolean isOver(Subject installation) {
            return Installation.isTrusted(installation.api());
        }
    };

    private static final String FORWARDING = "{\"ports\":[{\"port\":8080}]}";
    private static final List<String> PORT = List.of("services/pf-sb-8080", "ingresses/pf-sb-8080");

    private final String from;
    private final String to;

    @SuppressWarnings("ImmutableEnumChecker") // Set.of cannot be changed
    private final Set<Effect> only;

    /**
     * @param from phase; empty for no sandbox
     * @param to the same
     * @param only the effects this one is for; none for all
     */
    Scenario(String from, String to, Effect... only) {
        this.from = from;
        this.to = to;
        this.only = Set.of(only);
    }

    String to() {
        return to;
    }

    /** Whether it is about the installation: its subject is the installation's namespace, without a sandbox. */
    boolean isOfTheInstallation() {
        return compareTo(LEAD) >= 0;
    }

    boolean isFor(Effect effect) {
        return only.isEmpty() || only.contains(effect);
    }

    /** Makes what has to be there before; {@link #isPrepared} tells when it is. */
    void prepare(Subject subject) {
        if (!from.isEmpty()) {
            subject.create("{}");
        }
    }

    boolean isPrepared(Subject subject) {
        if (from.isEmpty()) {
            return true;
        }
        if (from.equals("Stopped") && subject.is("Running")) {
            subject.patch("{\"spec\":{\"powerState\":\"Stopped\"}}");
        }
        return subject.is(from);
    }

    /** What is there in the end beside what every sandbox has, as {@code kind/name}. */
    List<String> made() {
        return List.of();
    }

    /** Called while no controller runs. */
    abstract void begin(Subject subject);

    /** What people do further while one runs. */
    void goOn(Subject subject, ControllerProcess controller) {}

    boolean isOver(Subject subject) {
        return to.isEmpty() ? subject.isGone() : subject.is(to);
    }
}
