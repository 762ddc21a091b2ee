package io.agenttier.cli.kubeconfig;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the command line says about cluster, user and namespace; null where it says nothing. Names as kubectl's flags. */
public record ConnectionFlags(
        @Nullable String kubeconfig,
        @Nullable String context,
        @Nullable String cluster,
        @Nullable String user,
        @Nullable String namespace,
        @Nullable String server,
        @Nullable String token,
        @Nullable String certificateAuthority,
        boolean insecureSkipTlsVerify,
        @Nullable String as,
        List<String> asGroups,
        @Nullable String asUid) {
    public ConnectionFlags {
        asGroups = List.copyOf(asGroups);
    }
}
