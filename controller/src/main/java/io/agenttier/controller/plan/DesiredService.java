package io.agenttier.controller.plan;

import io.agenttier.api.DeclaredPort;
import io.agenttier.api.Labels;
import io.agenttier.api.Names;
import io.agenttier.api.Sandbox;
import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServicePort;
import io.kubernetes.client.openapi.models.V1ServiceSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The Service of a declared port: an address inside the cluster that stays while pods come and go. */
final class DesiredService {
    private static final String CLUSTER_IP = "ClusterIP";

    private DesiredService() {}

    static V1Service of(Sandbox sandbox, DeclaredPort port) {
        return new V1Service()
                .apiVersion(ResourceKind.SERVICE.apiVersion())
                .kind(ResourceKind.SERVICE.kind())
                .metadata(metadata(sandbox, port))
                .spec(new V1ServiceSpec()
                        .type(CLUSTER_IP)
                        .putSelectorItem(Labels.SANDBOX, sandbox.metadata().name())
                        .ports(List.of(new V1ServicePort()
                                .name(port.name() == null ? port.protocolOrDefault() : port.name())
                                .protocol("TCP")
                                .port(port.port())
                                .targetPort(new IntOrString(port.port())))));
    }

    /** Of the Service and the Ingress of a port. */
    static V1ObjectMeta metadata(Sandbox sandbox, DeclaredPort port) {
        return Owned.metadata(sandbox, Names.portName(sandbox.metadata().name(), port.port()))
                .putLabelsItem(Labels.PORT_FORWARD, Labels.TRUE)
                .putLabelsItem(Labels.PORT, Integer.toString(port.port()));
    }

    /** Whether {@code present} leads where {@code wanted} does, and nowhere else. */
    static boolean says(V1Service present, V1Service wanted) {
        var is = present.getSpec();
        var should = wanted.getSpec();
        return is != null
                && should != null
                && hasLabels(present.getMetadata(), wanted.getMetadata())
                && CLUSTER_IP.equals(is.getType())
                && Objects.equals(is.getSelector(), should.getSelector())
                && Objects.equals(is.getPorts(), should.getPorts())
                && (is.getExternalIPs() == null || is.getExternalIPs().isEmpty())
                && !Boolean.TRUE.equals(is.getPublishNotReadyAddresses());
    }

    /** What {@code wanted} says, in the place of {@code present}: its address and what others noted in its metadata stay. */
    static V1Service corrected(V1Service present, V1Service wanted) {
        var spec = wanted.getSpec() == null ? new V1ServiceSpec() : wanted.getSpec();
        var is = present.getSpec();
        if (is != null && CLUSTER_IP.equals(is.getType())) {
            spec.clusterIP(is.getClusterIP())
                    .clusterIPs(is.getClusterIPs())
                    .ipFamilies(is.getIpFamilies())
                    .ipFamilyPolicy(is.getIpFamilyPolicy());
        }
        return wanted.metadata(onTopOf(present.getMetadata(), wanted.getMetadata()))
                .spec(spec);
    }

    static boolean hasLabels(@Nullable V1ObjectMeta present, @Nullable V1ObjectMeta wanted) {
        return present != null
                && wanted != null
                && wanted.getLabels() != null
                && wanted.getLabels().entrySet().stream()
                        .allMatch(label -> Owned.label(present, label.getKey()).equals(label.getValue()));
    }

    /** The metadata of {@code present} with the labels and annotations of {@code wanted}. */
    static @Nullable V1ObjectMeta onTopOf(@Nullable V1ObjectMeta present, @Nullable V1ObjectMeta wanted) {
        if (present == null || wanted == null) {
            return wanted;
        }
        var merged = new V1ObjectMeta()
                .name(present.getName())
                .namespace(present.getNamespace())
                .uid(present.getUid())
                .resourceVersion(present.getResourceVersion())
                .finalizers(present.getFinalizers())
                .ownerReferences(present.getOwnerReferences());
        orEmpty(present.getLabels()).forEach(merged::putLabelsItem);
        orEmpty(wanted.getLabels()).forEach(merged::putLabelsItem);
        orEmpty(present.getAnnotations()).forEach(merged::putAnnotationsItem);
        orEmpty(wanted.getAnnotations()).forEach(merged::putAnnotationsItem);
        return merged;
    }

    static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }
}
