package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Call;
import java.util.List;
import java.util.Optional;

/** What a call of agent mode asks of its sandbox before a pod is asked. A refusal rests on one live read. */
final class AgentAccess {
    private final Sandboxes sandboxes;

    AgentAccess(Sandboxes sandboxes) {
        this.sandboxes = sandboxes;
    }

    /** @throws ApiException 404 there is no such sandbox, 400 it is in code mode */
    void requireAgent(Call call) {
        if (cached(call).filter(state -> state.agent().isAgent()).isPresent()) {
            return;
        }
        var _ = live(call);
    }

    /**
     * The state as it is stored now.
     *
     * @throws ApiException as {@link #requireAgent}
     */
    SandboxState live(Call call) {
        var state = sandboxes
                .live(call.namespace(), call.name())
                .orElseThrow(() -> new ApiException(Reach.notFound(call.namespace(), call.name())));
        if (!state.agent().isAgent()) {
            throw new ApiException(new ApiError.BadRequest(("sandbox \"%s\" has mode code, %s needs mode agent: "
                            + "in this sandbox write files by \"files\" and run programs by \"exec\"")
                    .formatted(call.name(), call.subresource())));
        }
        return state;
    }

    /**
     * The state of a sandbox that has something to invoke.
     *
     * @throws ApiException 424 nothing has been configured
     */
    AgentState requireEntrypoint(Call call) {
        var known = cached(call)
                .map(SandboxState::agent)
                .filter(agent -> !entrypoint(agent).isEmpty());
        if (known.isPresent()) {
            return known.get();
        }
        var agent = live(call).agent();
        if (entrypoint(agent).isEmpty()) {
            throw new ApiException(
                    new ApiError.FailedDependency(("sandbox \"%s\" has no entrypoint: POST configure with one, "
                                    + "or run \"kubectl sandbox configure %s --entrypoint …\"")
                            .formatted(call.name(), call.name())));
        }
        return agent;
    }

    /** Name of the resolved template as the cache knows it; empty if it knows none. */
    String template(Call call) {
        return cached(call).map(state -> state.agent().template()).orElse("");
    }

    private static List<String> entrypoint(AgentState agent) {
        return agent.isAgent() ? agent.entrypoint() : List.of();
    }

    private Optional<SandboxState> cached(Call call) {
        return sandboxes.cached(call.namespace(), call.name());
    }
}
