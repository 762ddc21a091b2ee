package io.agenttier.apiserver.discovery;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Whether requests may come. Once every part was loaded this stays true whatever kube-apiserver does, since a server that is taken out of
 * service because of kube-apiserver would make things worse; it ends only when this program stops.
 */
public final class Readiness {
    private final Map<String, BooleanSupplier> parts;
    private volatile boolean reached;
    private volatile boolean stopping;

    /** @param parts name and whether it was loaded, in the order shown */
    public Readiness(Map<String, BooleanSupplier> parts) {
        this.parts = new LinkedHashMap<>(parts);
    }

    /** One line of a health answer. */
    record Check(String name, boolean passed) {}

    public boolean isReady() {
        if (!reached && parts.values().stream().allMatch(BooleanSupplier::getAsBoolean)) {
            reached = true;
        }
        return reached && !stopping;
    }

    /** From here on not ready, for good. */
    public void stop() {
        stopping = true;
    }

    List<Check> checks() {
        boolean ready = isReady();
        var checks = new ArrayList<Check>();
        parts.forEach((name, part) -> checks.add(new Check(name, ready || reached || part.getAsBoolean())));
        checks.add(new Check("shutdown", !stopping));
        return checks;
    }
}
