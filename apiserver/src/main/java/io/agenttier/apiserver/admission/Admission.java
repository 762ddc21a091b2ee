package io.agenttier.apiserver.admission;

import io.agenttier.api.network.Cidr;
import io.agenttier.api.network.ProtectedRanges;
import io.agenttier.api.port.PreviewHosts;
import io.agenttier.apiserver.auth.AccessReviewer;
import io.agenttier.apiserver.resource.MemoryBudget;
import io.agenttier.apiserver.route.RequestHandler;
import io.agenttier.apiserver.telemetry.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** The webhook as a whole. */
public final class Admission {
    private static final int SHARE_OF_HEAP = 6;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Admission() {}

    /**
     * @param isSandbox whether there is a sandbox, by namespace and name
     * @param namespace of the installation
     * @param protectedCidrs what the administrator protects
     * @param previews hosts of http ports, null where there are none
     */
    public static RequestHandler handler(
            AccessReviewer reviewer,
            Templates templates,
            TemplateUses uses,
            BiPredicate<String, String> isSandbox,
            String namespace,
            List<Cidr> protectedCidrs,
            @Nullable PreviewHosts previews,
            Metrics metrics,
            InstantSource clock) {
        var chains = new TemplateReading(templates);
        var rules = new ReferenceRules(
                new Rights(reviewer),
                chains,
                new KeySecrets(namespace, isSandbox),
                ProtectedRanges.with(protectedCidrs));
        return new AdmissionHandler(
                new SpecReviews(rules, new PortNaming(chains, previews)),
                new TemplateGuard(uses),
                new MemoryBudget(
                        Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP,
                        PATIENCE,
                        () -> metrics.callRejected(Metrics.Rejected.MEMORY)),
                metrics,
                clock);
    }
}
