package io.agenttier.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A copy of the GitOps example of the docs under an overlay for the test's namespace and image. */
final class GitOpsFolder {
    private static final Path EXAMPLE = Path.of("docs/examples/gitops");

    private GitOpsFolder() {}

    /** Writes {@code example} and {@code overlay} into the folder and returns the overlay. */
    static Path copy(Path folder, String namespace) throws IOException {
        var example = Files.createDirectory(folder.resolve("example"));
        try (var files = Files.list(EXAMPLE)) {
            for (var file : files.toList()) Files.copy(file, example.resolve(file.getFileName()));
        }
        var overlay = Files.createDirectory(folder.resolve("overlay"));
        Files.writeString(overlay.resolve("kustomization.yaml"), """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                namespace: %s
                resources: [../example]
                patches:
                  - target: {kind: SandboxTemplate}
                    patch: |-
                      - {op: replace, path: /spec/image/repository, value: "localhost/agenttier/test-busybox:dev"}
                """.formatted(namespace));
        return overlay;
    }
}
