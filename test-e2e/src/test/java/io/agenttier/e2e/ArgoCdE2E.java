package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.Kubectl;
import io.agenttier.e2e.cluster.ArgoCd;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A real Argo CD syncs the folder of the docs from a git repository. */
@Tag("argocd")
@Timeout(1800)
@ExtendWith(ClusterExtension.class)
class ArgoCdE2E {
    private static final String APPLICATION = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/team";

    @Test
    void argoCdSyncsHealsPrunesAndLeavesStopsAlone(TestNamespace namespace, @TempDir Path folder) throws IOException {
        var repository = Files.createDirectory(folder.resolve("repository"));
        var overlay = GitOpsFolder.copy(repository, namespace.name());
        var sandboxes = repository.resolve("example/sandboxes.yaml");
        Files.writeString(sandboxes, Files.readString(sandboxes).replace("idleTimeout: 2h", "idleTimeout: 40s"));
        git(repository, "init", "-q", "-b", "main");
        commit(repository, "Add the team's sandboxes");

        try (var argo = ArgoCd.start(namespace.cluster(), Files.createDirectory(folder.resolve("argocd")))) {
            try {
                argo(namespace)
                        .with(application(repository, namespace.name()))
                        .run("apply", "-f", "-")
                        .orThrow();
                walk(namespace, repository, overlay);
            } catch (Throwable e) {
                e.addSuppressed(
                        new AssertionError(namespace.api().get(APPLICATION).text() + argo.logs()));
                throw e;
            } finally {
                argo(namespace).run("delete", "application", "team", "--timeout=30s");
            }
        }
    }

    private static void walk(TestNamespace namespace, Path repository, Path overlay) throws IOException {
        awaitHealth(namespace, "review", "Healthy");
        awaitHealth(namespace, "build", "Healthy");
        awaitHealth(namespace, "archive", "Suspended");
        awaitSynced(namespace);

        awaitHealth(namespace, "review", "Suspended");
        assertThat(namespace.sandbox("review").at("/status/stopped/reason").asText())
                .isEqualTo("IdleTimeout");
        assertStaysSynced(namespace);
        assertThat(namespace.sandbox("review").at("/status/phase").asText()).isEqualTo("Stopped");
        namespace.api().post(namespace.path("review", "resume"), Map.of());
        awaitHealth(namespace, "review", "Healthy");
        assertStaysSynced(namespace);

        var uid = namespace.sandbox("build").at("/metadata/uid").asText();
        namespace.kubectl().run("delete", "sandbox", "build", "--timeout=60s").orThrow();
        await().until(() -> {
            var healed = namespace.sandbox("build").at("/metadata/uid").asText();
            return !healed.isEmpty() && !healed.equals(uid);
        });
        awaitHealth(namespace, "build", "Healthy");

        var more = Files.writeString(overlay.resolve("more.yaml"), """
                apiVersion: agenttier.io/v1alpha1
                kind: Sandbox
                metadata: {name: broken}
                spec:
                  templateRef: {kind: SandboxTemplate, name: workbench}
                  image: {repository: "localhost/agenttier/no-such-image:dev"}
                ---
                apiVersion: agenttier.io/v1alpha1
                kind: Sandbox
                metadata: {name: large}
                spec:
                  templateRef: {kind: SandboxTemplate, name: workbench}
                  resources: {requests: {cpu: "900"}, limits: {cpu: "900"}}
                  storage: {ephemeral: true}
                """);
        var kustomization = overlay.resolve("kustomization.yaml");
        var before = Files.readString(kustomization);
        Files.writeString(kustomization, before.replace("[../example]", "[../example, more.yaml]"));
        commit(repository, "Add two that cannot run");
        refresh(namespace);
        awaitHealth(namespace, "broken", "Degraded");
        awaitHealth(namespace, "large", "Progressing");
        awaitSynced(namespace);

        Files.writeString(kustomization, before);
        Files.delete(more);
        commit(repository, "Remove them");
        refresh(namespace);
        namespace
                .kubectl()
                .run("wait", "--for=delete", "sandbox/broken", "sandbox/large", "--timeout=90s")
                .orThrow();
        awaitSynced(namespace);
    }

    private static String application(Path repository, String namespace) {
        return """
                apiVersion: argoproj.io/v1alpha1
                kind: Application
                metadata: {name: team, namespace: argocd}
                spec:
                  project: default
                  source: {repoURL: "file://%s", path: overlay, targetRevision: main}
                  destination: {server: https://kubernetes.default.svc, namespace: %s}
                  syncPolicy: {automated: {prune: true, selfHeal: true}}
                """.formatted(repository, namespace);
    }

    /** What a repository's webhook does; without one Argo CD looks for commits every few minutes. */
    private static void refresh(TestNamespace namespace) {
        argo(namespace)
                .run("annotate", "application", "team", "argocd.argoproj.io/refresh=hard", "--overwrite")
                .orThrow();
    }

    private static void awaitSynced(TestNamespace namespace) {
        await().untilAsserted(() ->
                assertThat(status(namespace).at("/sync/status").asText()).isEqualTo("Synced"));
    }

    /** Synced in two further comparisons. */
    private static void assertStaysSynced(TestNamespace namespace) {
        for (var round = 0; round < 2; round++) {
            var seen = status(namespace).at("/reconciledAt").asText();
            await().until(() -> !status(namespace).at("/reconciledAt").asText().equals(seen));
            assertThat(status(namespace).at("/sync/status").asText()).isEqualTo("Synced");
        }
    }

    private static void awaitHealth(TestNamespace namespace, String sandbox, String health) {
        await().untilAsserted(() -> {
            var resources = status(namespace).path("resources");
            var found = StreamSupport.stream(resources.spliterator(), false)
                    .filter(resource -> resource.path("kind").asText().equals("Sandbox"))
                    .filter(resource -> resource.path("name").asText().equals(sandbox))
                    .map(resource -> resource.at("/health/status").asText());
            assertThat(found).as(sandbox + " in " + resources).containsExactly(health);
        });
    }

    private static Kubectl argo(TestNamespace namespace) {
        return namespace.cluster().kubectl().in(ArgoCd.NAMESPACE);
    }

    private static JsonNode status(TestNamespace namespace) {
        return namespace.api().get(APPLICATION).json().path("status");
    }

    private static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(150)).pollInterval(Duration.ofMillis(300));
    }

    private static void commit(Path repository, String subject) {
        git(repository, "add", "--all");
        git(repository, "-c", "user.name=team", "-c", "user.email=team@example.com", "commit", "-q", "-m", subject);
    }

    private static void git(Path repository, String... arguments) {
        var command = new ArrayList<>(List.of("git", "-C", repository.toString()));
        command.addAll(List.of(arguments));
        Command.run(command.toArray(String[]::new)).orThrow();
    }
}
