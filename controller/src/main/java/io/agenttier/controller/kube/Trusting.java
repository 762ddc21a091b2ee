package io.agenttier.controller.kube;

/** A registration with kube-apiserver of a server whose certificate it has to verify. */
@FunctionalInterface
public interface Trusting {
    /** Makes kube-apiserver trust {@code bundle} (PEM); a write only if it does not yet. False if there is no such registration. */
    boolean trust(String bundle);
}
