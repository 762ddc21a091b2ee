package io.agenttier.apiserver.kube;

import io.agenttier.api.Phase;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateOrigin;
import io.agenttier.apiserver.admission.TemplateUses;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finds the users of a template in the cache and confirms them by live reads, so that nobody is refused for what is over. */
public final class TemplateUseReads implements TemplateUses {
    /** Names shown; more would help nobody. */
    private static final int MOST = 5;

    private static final Set<String> LIVING = Set.of(Phase.CREATING.wire(), Phase.RUNNING.wire());

    private final SandboxStore sandboxes;
    private final CoreV1Api core;

    public TemplateUseReads(SandboxStore sandboxes, KubeConnection kube) {
        this.sandboxes = sandboxes;
        this.core = new CoreV1Api(kube.calls());
    }

    @Override
    public List<String> of(TemplateKind kind, String namespace, String name) {
        var users = new ArrayList<String>();
        for (var cached : sandboxes.cachedObjects()) {
            if (users.size() == MOST) {
                break;
            }
            if (livesOn(cached, kind, namespace, name)) {
                var metadata = cached.getMetadata();
                sandboxes
                        .liveObject(String.valueOf(metadata.getNamespace()), String.valueOf(metadata.getName()))
                        .filter(live -> livesOn(live, kind, namespace, name))
                        .map(live -> metadata.getNamespace() + "/" + metadata.getName())
                        .ifPresent(users::add);
            }
        }
        return users;
    }

    @Override
    public boolean isBeingDeleted(String namespace) {
        try {
            var metadata = core.readNamespace(namespace).execute().getMetadata();
            return metadata != null && metadata.getDeletionTimestamp() != null;
        } catch (io.kubernetes.client.openapi.ApiException e) {
            if (e.getCode() == 404) {
                return true;
            }
            throw unavailable(namespace, KubeFailure.of(e));
        }
    }

    private static boolean livesOn(SandboxObject sandbox, TemplateKind kind, String namespace, String name) {
        var status = sandbox.status();
        return sandbox.getMetadata().getDeletionTimestamp() == null
                && status.phase() != null
                && LIVING.contains(status.phase())
                && status.templateChain().stream().anyMatch(origin -> isIt(origin, kind, namespace, name));
    }

    private static boolean isIt(TemplateOrigin origin, TemplateKind kind, String namespace, String name) {
        var home = origin.namespace() == null ? "" : origin.namespace();
        return origin.kind().equals(kind.wire())
                && home.equals(namespace)
                && origin.name().equals(name);
    }

    private static ApiException unavailable(String namespace, IOException cause) {
        return new ApiException(new ApiError.Unavailable(
                "the namespace \"%s\" could not be read: %s; try again".formatted(namespace, cause.getMessage())));
    }
}
