package io.agenttier.controller.plan;

import io.agenttier.api.DeclaredPort;
import io.agenttier.api.Names;
import io.agenttier.api.Sandbox;
import io.kubernetes.client.openapi.models.V1HTTPIngressPath;
import io.kubernetes.client.openapi.models.V1HTTPIngressRuleValue;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1IngressBackend;
import io.kubernetes.client.openapi.models.V1IngressRule;
import io.kubernetes.client.openapi.models.V1IngressServiceBackend;
import io.kubernetes.client.openapi.models.V1IngressSpec;
import io.kubernetes.client.openapi.models.V1ServiceBackendPort;
import java.util.List;
import java.util.Objects;

/** The preview of an http port: a host of its own that leads to the port's Service. */
final class DesiredIngress {
    private DesiredIngress() {}

    static V1Ingress of(Sandbox sandbox, DeclaredPort port, Previews previews) {
        var name = sandbox.metadata().name();
        var backend = new V1IngressBackend()
                .service(new V1IngressServiceBackend()
                        .name(Names.portName(name, port.port()))
                        .port(new V1ServiceBackendPort().number(port.port())));
        var metadata = DesiredService.metadata(sandbox, port);
        previews.annotations().forEach(metadata::putAnnotationsItem);
        return new V1Ingress()
                .apiVersion(ResourceKind.INGRESS.apiVersion())
                .kind(ResourceKind.INGRESS.kind())
                .metadata(metadata)
                .spec(new V1IngressSpec()
                        .ingressClassName(previews.ingressClass().isEmpty() ? null : previews.ingressClass())
                        .rules(List.of(new V1IngressRule()
                                .host(previews.hosts()
                                        .host(name, sandbox.metadata().namespace(), port.port()))
                                .http(new V1HTTPIngressRuleValue()
                                        .paths(List.of(new V1HTTPIngressPath()
                                                .path("/")
                                                .pathType("Prefix")
                                                .backend(backend)))))));
    }

    /** Whether {@code present} shows what {@code wanted} does, and nothing else. The cluster's default class may have been filled in. */
    static boolean says(V1Ingress present, V1Ingress wanted) {
        var is = present.getSpec();
        var should = wanted.getSpec();
        return is != null
                && should != null
                && DesiredService.hasLabels(present.getMetadata(), wanted.getMetadata())
                && hasAnnotations(present, wanted)
                && (should.getIngressClassName() == null
                        || should.getIngressClassName().equals(is.getIngressClassName()))
                && Objects.equals(is.getRules(), should.getRules())
                && is.getDefaultBackend() == null
                && (is.getTls() == null || is.getTls().isEmpty());
    }

    /** What {@code wanted} says, in the place of {@code present}; what others noted in its metadata stays. */
    static V1Ingress corrected(V1Ingress present, V1Ingress wanted) {
        var spec = wanted.getSpec() == null ? new V1IngressSpec() : wanted.getSpec();
        if (spec.getIngressClassName() == null && present.getSpec() != null) {
            spec.ingressClassName(present.getSpec().getIngressClassName());
        }
        return wanted.metadata(DesiredService.onTopOf(present.getMetadata(), wanted.getMetadata()))
                .spec(spec);
    }

    private static boolean hasAnnotations(V1Ingress present, V1Ingress wanted) {
        var is = present.getMetadata() == null ? null : present.getMetadata().getAnnotations();
        var should = wanted.getMetadata() == null ? null : wanted.getMetadata().getAnnotations();
        return DesiredService.orEmpty(is)
                .entrySet()
                .containsAll(DesiredService.orEmpty(should).entrySet());
    }
}
