package io.agenttier.controller.plan;

import io.agenttier.api.HttpGetAction;
import io.agenttier.api.Probe;
import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.openapi.models.V1ExecAction;
import io.kubernetes.client.openapi.models.V1GRPCAction;
import io.kubernetes.client.openapi.models.V1HTTPGetAction;
import io.kubernetes.client.openapi.models.V1HTTPHeader;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1TCPSocketAction;
import org.jspecify.annotations.Nullable;

/** Health checks of a sidecar. The kubelet asks the pod itself: no field can name another host. */
final class DesiredProbe {
    private DesiredProbe() {}

    static @Nullable V1Probe of(@Nullable Probe asked) {
        if (asked == null) {
            return null;
        }
        var probe = new V1Probe()
                .initialDelaySeconds(asked.initialDelaySeconds())
                .timeoutSeconds(asked.timeoutSeconds())
                .periodSeconds(asked.periodSeconds())
                .successThreshold(asked.successThreshold())
                .failureThreshold(asked.failureThreshold())
                .terminationGracePeriodSeconds(asked.terminationGracePeriodSeconds());
        if (asked.exec() != null) {
            probe.exec(new V1ExecAction().command(asked.exec().command()));
        }
        if (asked.httpGet() != null) {
            probe.httpGet(httpGet(asked.httpGet()));
        }
        if (asked.tcpSocket() != null) {
            probe.tcpSocket(new V1TCPSocketAction().port(port(asked.tcpSocket().port())));
        }
        if (asked.grpc() != null) {
            probe.grpc(new V1GRPCAction()
                    .port(asked.grpc().port())
                    .service(asked.grpc().service()));
        }
        return probe;
    }

    private static V1HTTPGetAction httpGet(HttpGetAction asked) {
        var action = new V1HTTPGetAction()
                .path(asked.path())
                .port(port(asked.port()))
                .scheme(asked.scheme());
        for (var header : asked.httpHeaders()) {
            action.addHttpHeadersItem(new V1HTTPHeader().name(header.name()).value(header.value()));
        }
        return action;
    }

    /** A number, or the name of a port of the container. */
    private static IntOrString port(String text) {
        return text.matches("[0-9]{1,5}") ? new IntOrString(Integer.parseInt(text)) : new IntOrString(text);
    }
}
