package io.agenttier.controller.plan;

import io.kubernetes.client.openapi.models.V1Capabilities;
import io.kubernetes.client.openapi.models.V1PodSecurityContext;
import io.kubernetes.client.openapi.models.V1SeccompProfile;
import io.kubernetes.client.openapi.models.V1SecurityContext;

/** Security contexts of every sandbox pod: Pod Security level {@code restricted}, and a read-only root besides. */
final class Hardening {
    private Hardening() {}

    static V1PodSecurityContext pod() {
        return new V1PodSecurityContext()
                .runAsNonRoot(true)
                .runAsUser(PodLayout.USER)
                .runAsGroup(PodLayout.USER)
                .fsGroup(PodLayout.USER)
                .fsGroupChangePolicy("OnRootMismatch")
                .seccompProfile(new V1SeccompProfile().type("RuntimeDefault"));
    }

    /**
     * Container {@code sandbox} of a privileged sandbox. It is still an ordinary user with a root that it cannot write; what it makes of
     * the devices and of programs with the setuid bit is not held back.
     */
    static V1SecurityContext privileged() {
        return container()
                .privileged(true)
                .allowPrivilegeEscalation(true)
                .capabilities(null)
                .seccompProfile(null);
    }

    static V1SecurityContext container() {
        return new V1SecurityContext()
                .privileged(false)
                .allowPrivilegeEscalation(false)
                .readOnlyRootFilesystem(true)
                .runAsNonRoot(true)
                .runAsUser(PodLayout.USER)
                .runAsGroup(PodLayout.USER)
                .capabilities(new V1Capabilities().addDropItem("ALL"))
                .seccompProfile(new V1SeccompProfile().type("RuntimeDefault"));
    }
}
