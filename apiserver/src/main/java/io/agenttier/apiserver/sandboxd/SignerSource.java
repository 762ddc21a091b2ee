package io.agenttier.apiserver.sandboxd;

import java.util.Optional;

/** The signer in force now; it changes while the program runs. Empty until it was loaded for the first time: then no pod can be asked. */
@FunctionalInterface
public interface SignerSource {
    Optional<Signer> current();
}
