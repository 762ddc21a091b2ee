package io.agenttier.cli.command;

import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Request;
import java.io.IOException;

/** Which kind of template a bare name means: one of the namespace, else one of the cluster. */
final class TemplateLookup {
    static final String NAMESPACED = "SandboxTemplate";
    static final String CLUSTER = "ClusterSandboxTemplate";

    private TemplateLookup() {}

    /**
     * @return {@link #NAMESPACED} or {@link #CLUSTER}
     * @throws FailedException if there is neither
     */
    static String kind(String name, Session session) throws IOException {
        var namespace = session.namespace();
        if (exists(ApiPath.object(namespace, "sandboxtemplates", name), session)) {
            return NAMESPACED;
        }
        if (exists(ApiPath.clusterObject("clustersandboxtemplates", name), session)) {
            return CLUSTER;
        }
        throw new FailedException(
                "template \"%s\" not found: there is no SandboxTemplate of that name in namespace \"%s\" and no ClusterSandboxTemplate"
                        .formatted(name, namespace));
    }

    private static boolean exists(ApiPath path, Session session) throws IOException {
        var request = Request.of("GET", path.toString())
                .accept("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json");
        try (var response = session.api().send(request)) {
            return response.status() / 100 == 2;
        } catch (ApiException e) {
            if (e.failure().code() == 404 && e.failure().isStatus()) {
                return false;
            }
            throw e;
        }
    }
}
