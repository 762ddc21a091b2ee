package io.agenttier.apiserver.kube;

import io.kubernetes.client.openapi.ApiException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Failures of the Kubernetes client as I/O errors with a sentence for logs and answers. */
final class KubeFailure {
    private KubeFailure() {}

    /** A call of the client's. */
    interface Ask<T> {
        @Nullable
        T ask() throws ApiException;
    }

    /** The answer to a question that must not be guessed. @throws IOException if there is none, or it cannot be understood */
    static <T> T answer(Ask<T> question) throws IOException {
        @Nullable T answer;
        try {
            answer = question.ask();
        } catch (ApiException e) {
            throw of(e);
        } catch (RuntimeException e) {
            // whatever the client throws over a document of another shape
            throw new IOException("kube-apiserver's answer cannot be read", e);
        }
        if (answer == null) {
            throw new IOException("kube-apiserver's answer has no status");
        }
        return answer;
    }

    static IOException of(ApiException e) {
        if (e.getCode() > 0) {
            return new IOException("kube-apiserver answered %d".formatted(e.getCode()), e);
        }
        var cause = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
        return new IOException("kube-apiserver cannot be reached: " + cause, e);
    }
}
