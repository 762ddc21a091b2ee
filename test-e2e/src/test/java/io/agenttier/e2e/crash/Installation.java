package io.agenttier.e2e.crash;

import io.agenttier.e2e.client.KubeApi;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** What the controller keeps for the installation: damage to it, and whether it is whole. */
final class Installation {
    static final String NAMESPACE = "agenttier";
    static final String LEASE = "/apis/coordination.k8s.io/v1/namespaces/" + NAMESPACE + "/leases/agenttier-controller";
    static final String API_SERVICE = "/apis/apiregistration.k8s.io/v1/apiservices/subresources-v1alpha1.agenttier.io";
    private static final String SECRETS = "/api/v1/namespaces/" + NAMESPACE + "/secrets/";
    private static final String REMOVED = SECRETS + "agenttier-apiserver-signer";
    private static final String SPOILED = SECRETS + "agenttier-controller-signer";
    private static final String ADMISSION = "/apis/admissionregistration.k8s.io/v1/";
    private static final List<String> WEBHOOKS = List.of(
            ADMISSION + "mutatingwebhookconfigurations/msandbox.agenttier.io",
            ADMISSION + "validatingwebhookconfigurations/vsandbox.agenttier.io");

    private Installation() {}

    static boolean isLed(KubeApi api) {
        return !api.get(LEASE).json().at("/spec/holderIdentity").asText().isEmpty();
    }

    static void removeCertificate(KubeApi api) {
        api.delete(REMOVED);
    }

    static void spoilCertificate(KubeApi api) {
        patch(api, SPOILED, "merge-patch", "{\"data\":{\"tls.crt\":\"\"}}");
    }

    static boolean hasCertificates(KubeApi api) {
        return Stream.of(REMOVED, SPOILED)
                .noneMatch(path ->
                        api.get(path).json().at("/data/tls.crt").asText().isEmpty());
    }

    static void removeTrust(KubeApi api) {
        patch(api, API_SERVICE, "merge-patch", "{\"spec\":{\"caBundle\":null}}");
        for (var webhook : WEBHOOKS) {
            patch(
                    api,
                    webhook,
                    "json-patch",
                    "[{\"op\":\"add\",\"path\":\"/webhooks/0/clientConfig/caBundle\",\"value\":\"\"}]");
        }
    }

    static boolean isTrusted(KubeApi api) {
        var bundle = api.get(API_SERVICE).json().at("/spec/caBundle").asText();
        return !bundle.isEmpty()
                && WEBHOOKS.stream()
                        .allMatch(webhook -> api.get(webhook)
                                .json()
                                .at("/webhooks/0/clientConfig/caBundle")
                                .asText()
                                .equals(bundle));
    }

    private static void patch(KubeApi api, String path, String type, String body) {
        var reply = api.call("PATCH", path, body.getBytes(StandardCharsets.UTF_8), "application/" + type + "+json");
        if (reply.code() != 200) throw new AssertionError(reply.toString());
    }
}
