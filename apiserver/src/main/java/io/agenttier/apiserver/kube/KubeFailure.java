package io.agenttier.apiserver.kube;

import io.kubernetes.client.openapi.ApiException;
import java.io.IOException;

/** Failures of the Kubernetes client as I/O errors with a sentence for logs and answers. */
final class KubeFailure {
    private KubeFailure() {}

    static IOException of(ApiException e) {
        if (e.getCode() > 0) {
            return new IOException("kube-apiserver answered %d".formatted(e.getCode()), e);
        }
        var cause = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
        return new IOException("kube-apiserver cannot be reached: " + cause, e);
    }
}
