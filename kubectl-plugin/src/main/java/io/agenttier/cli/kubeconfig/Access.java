package io.agenttier.cli.kubeconfig;

import io.agenttier.cli.transport.IdentitySource;
import io.agenttier.cli.transport.Target;

/** All that a call needs to know: the cluster, who we are, and the namespace that is meant. */
public record Access(Target target, IdentitySource identities, String namespace) {}
