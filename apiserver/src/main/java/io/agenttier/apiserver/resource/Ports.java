package io.agenttier.apiserver.resource;

import io.agenttier.api.DeclaredPort;
import java.util.List;
import java.util.Optional;

/** The ports that sandboxes declare, and those of them that calls declared: the items of a field manager of their own. */
public interface Ports {
    /**
     * As they are stored now.
     *
     * @throws io.agenttier.apiserver.error.ApiException {@code Unavailable} when the API server cannot be asked
     */
    Optional<PortSet> live(String namespace, String name);

    /**
     * Makes {@code own} all that calls declared; what others declared stays.
     *
     * @return false if the sandbox is no longer as {@code set} shows it, and nothing was written
     * @throws io.agenttier.apiserver.error.ApiException it was refused, or nobody knows whether it was written
     */
    boolean apply(PortSet set, List<DeclaredPort> own);
}
