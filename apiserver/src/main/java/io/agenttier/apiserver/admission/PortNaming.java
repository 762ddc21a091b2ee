package io.agenttier.apiserver.admission;

import io.agenttier.api.DeclaredPort;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.merge.Merge;
import io.agenttier.api.port.PortNames;
import io.agenttier.api.port.PreviewHosts;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiError.Cause;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the name of a sandbox leaves room for those of its ports, its templates' as they are now included. */
final class PortNaming {
    private static final List<DeclaredPort> ANY = List.of(new DeclaredPort(1, DeclaredPort.HTTP, null));

    private final TemplateReading chains;
    private final @Nullable PreviewHosts previews;

    /** @param previews null where there are none */
    PortNaming(TemplateReading chains, @Nullable PreviewHosts previews) {
        this.chains = chains;
        this.previews = previews;
    }

    /** @throws io.agenttier.apiserver.error.ApiException 503 if its templates cannot be read */
    Optional<ApiError> refusal(String name, String namespace, SandboxSpec spec) {
        if (PortNames.problem(name, ANY, previews).isEmpty()) {
            return Optional.empty();
        }
        var templates = chains.from(spec.templateRef(), namespace).layer();
        var ports = Merge.overlay(spec.layer(), templates).ports();
        return PortNames.problem(name, ports, previews)
                .map(problem -> new ApiError.Invalid(
                        "Sandbox", name, List.of(new Cause("FieldValueInvalid", "spec.ports", problem))));
    }
}
