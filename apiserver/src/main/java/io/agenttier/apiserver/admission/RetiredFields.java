package io.agenttier.apiserver.admission;

import io.agenttier.api.Harness;
import io.agenttier.api.Labels;
import io.agenttier.api.ObjectMeta;
import io.agenttier.api.SandboxSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fields that are accepted and do nothing any more, so that nobody relies on them in silence. Pure. */
final class RetiredFields {
    private RetiredFields() {}

    static List<String> warnings(ObjectMeta metadata, SandboxSpec spec) {
        var warnings = new ArrayList<String>();
        if (metadata.annotations().containsKey(Labels.RETIRED_ACTION)) {
            warnings.add(
                    "annotation %s has no effect any more: use spec.powerState, or \"kubectl sandbox stop\" and \"resume\""
                            .formatted(Labels.RETIRED_ACTION));
        }
        warnings.addAll(warnings(spec.harness()));
        if (spec.sharing() != null) {
            spec.sharing().shareLinks().stream()
                    .filter(link -> link.usedCount() != null)
                    .map(link ->
                            "spec.sharing.shareLinks[%s].usedCount has no effect any more: uses are counted in status.shareLinks"
                                    .formatted(link.id()))
                    .forEach(warnings::add);
        }
        return warnings;
    }

    static List<String> warnings(@Nullable Harness harness) {
        return harness != null && harness.useHTTPExec() != null
                ? List.of(
                        "spec.harness.useHTTPExec has no effect any more: commands always run through the daemon of the sandbox")
                : List.of();
    }
}
