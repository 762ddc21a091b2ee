package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.ProcessClass;
import io.agenttier.apiserver.sandboxd.ProcessInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Where the output of the last installation is: in the pod that ran it, or else the end of it in the ConfigMap that was kept. */
final class InstallLog {
    private final Sandboxes sandboxes;
    private final LiveOutput.Source source;
    private final AgentRecords records;

    InstallLog(Sandboxes sandboxes, LiveOutput.Source source, AgentRecords records) {
        this.sandboxes = sandboxes;
        this.source = source;
        this.records = records;
    }

    /** The last installation of the pod that runs now; empty if there is no such pod or it has seen none. */
    Optional<ProcessRef> process(Call call, Caller caller) throws IOException {
        var endpoint = source.access().present(call, Use.of("log"));
        if (endpoint.isEmpty()) {
            return Optional.empty();
        }
        try {
            return source.client().processes(endpoint.get(), caller).stream()
                    .filter(process -> process.type() == ProcessClass.INSTALL)
                    .reduce((_, later) -> later)
                    .map(ProcessInfo::id)
                    .flatMap(ProcessRef::parse);
        } catch (IOException e) {
            throw new ApiException(DaemonErrors.of(e, call.name(), new DaemonErrors.Subject("processes", "")));
        }
    }

    /**
     * The end of the output that was kept.
     *
     * @throws ApiException 404 if nothing has been installed, 503 if that cannot be told
     */
    String kept(Call call) {
        try {
            return sandboxes
                    .live(call.namespace(), call.name())
                    .map(this::read)
                    .orElseThrow(() -> new ApiException(Reach.notFound(call.namespace(), call.name())))
                    .orElseThrow(() -> new ApiException(new ApiError.NotFound(
                            "sandboxes",
                            call.name(),
                            "sandbox \"%s\" has no install log: no configure has installed anything"
                                    .formatted(call.name()))));
        } catch (UncheckedIOException e) {
            throw new ApiException(new ApiError.Unavailable(
                    "the install log of sandbox \"%s\" cannot be read from kube-apiserver: try again"
                            .formatted(call.name())));
        }
    }

    private Optional<String> read(SandboxState state) {
        try {
            return records.log(state);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
