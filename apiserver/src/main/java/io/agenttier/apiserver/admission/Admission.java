package io.agenttier.apiserver.admission;

import io.agenttier.api.network.Cidr;
import io.agenttier.api.network.ProtectedRanges;
import io.agenttier.apiserver.auth.AccessReviewer;
import io.agenttier.apiserver.resource.MemoryBudget;
import io.agenttier.apiserver.route.RequestHandler;
import io.agenttier.apiserver.telemetry.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiPredicate;

/** The webhook as a whole. */
public final class Admission {
    private static final int SHARE_OF_HEAP = 6;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Admission() {}

    /**
     * @param isSandbox whether there is a sandbox, by namespace and name
     * @param namespace of the installation
     * @param protectedCidrs what the administrator protects
     */
    public static RequestHandler handler(
            AccessReviewer reviewer,
            Templates templates,
            TemplateUses uses,
            BiPredicate<String, String> isSandbox,
            String namespace,
            List<Cidr> protectedCidrs,
            Metrics metrics,
            InstantSource clock) {
        var rules = new ReferenceRules(
                new Rights(reviewer),
                new TemplateReading(templates),
                new KeySecrets(namespace, isSandbox),
                ProtectedRanges.with(protectedCidrs));
        return new AdmissionHandler(
                new SpecReviews(rules),
                new TemplateGuard(uses),
                new MemoryBudget(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP, PATIENCE),
                metrics,
                clock);
    }
}
