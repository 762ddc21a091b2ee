package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A right to {@code create} on {@code sandboxes/exec} in one namespace is all that running a command there takes, and takes one nowhere else. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class RbacE2E {
    private static final String USER = "runner";
    private static String sandbox = "";

    @BeforeAll
    static void oneRight(TestNamespace namespace) {
        sandbox = namespace.ready();
        var admin = namespace.kubectl();
        admin.run("create", "role", "run", "--verb=create", "--resource=sandboxes.agenttier.io/exec")
                .orThrow();
        admin.run("create", "rolebinding", "run", "--role=run", "--user=" + USER)
                .orThrow();
    }

    @Test
    void runsACommandWithTheOneRight(TestNamespace namespace, @TempDir Path folder) throws Exception {
        var body = Files.writeString(folder.resolve("body.json"), "{\"command\":[\"echo\",\"mine\"]}");
        var outcome = namespace
                .kubectl()
                .as(USER)
                .run("create", "--raw", namespace.path(sandbox, "exec"), "-f", body.toString());
        assertThat(outcome.code()).as(outcome.toString()).isZero();
        assertThat(outcome.stdout()).contains("\"stdout\":\"mine\\n\"").contains("\"exitCode\":0");
    }

    @Test
    void isRefusedInAnotherNamespaceByKubernetesItself(TestNamespace namespace, @TempDir Path folder) throws Exception {
        var body = Files.writeString(folder.resolve("body.json"), "{\"command\":[\"true\"]}");
        var path = TestNamespace.SUBRESOURCE_PATH.formatted("default", "any", "exec");
        var outcome = namespace.kubectl().as(USER).run("create", "--raw", path, "-f", body.toString());
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.stderr())
                .contains(
                        "sandboxes.agenttier.io \"any\" is forbidden: User \"runner\" cannot create resource \"sandboxes/exec\" in API group"
                                + " \"agenttier.io\" in the namespace \"default\"");
    }

    @Test
    void isToldBeforehand(TestNamespace namespace) {
        assertThat(canI(namespace, namespace.name(), "create")).isEqualTo("yes");
        assertThat(canI(namespace, "default", "create")).isEqualTo("no");
        assertThat(canI(namespace, namespace.name(), "get")).isEqualTo("no");
    }

    /** The short name is found although another version of the group has no such resource. */
    @Test
    void isGrantedByTheShortNameToo(TestNamespace namespace) {
        namespace
                .kubectl()
                .run("create", "role", "short", "--verb=create,get", "--resource=sandboxes/exec")
                .orThrow();
        var rules = namespace
                .kubectl()
                .run("get", "role", "short", "-o", "jsonpath={.rules}")
                .orThrow()
                .stdout();
        assertThat(rules)
                .contains("\"apiGroups\":[\"agenttier.io\"]", "\"resources\":[\"sandboxes/exec\"]", "create", "get");
        assertThat(namespace
                        .kubectl()
                        .as(USER)
                        .run("auth", "can-i", "create", "sandboxes", "--subresource=exec")
                        .stdout()
                        .strip())
                .isEqualTo("yes");
    }

    @Test
    void hasNoOtherRight(TestNamespace namespace) {
        var files = namespace.api().as(USER).get(namespace.path(sandbox, "files?path=."));
        assertThat(files.code()).isEqualTo(403);
        assertThat(files.json().get("reason").asText()).isEqualTo("Forbidden");
        assertThat(namespace
                        .api()
                        .as(USER)
                        .get(namespace.path(sandbox, "processes"))
                        .code())
                .isEqualTo(403);
    }

    @Test
    void readsOnlyWhatHeStartedWithoutTheRightToListProcesses(TestNamespace namespace) {
        namespace
                .kubectl()
                .run("create", "role", "logs", "--verb=get", "--resource=sandboxes.agenttier.io/log")
                .orThrow();
        namespace
                .kubectl()
                .run("create", "rolebinding", "logs", "--role=logs", "--user=" + USER)
                .orThrow();
        var his = namespace
                .api()
                .as(USER)
                .post(namespace.path(sandbox, "exec"), java.util.Map.of("command", java.util.List.of("echo", "his")))
                .json()
                .get("process")
                .asText();
        var ours = namespace
                .api()
                .post(namespace.path(sandbox, "exec"), java.util.Map.of("command", java.util.List.of("echo", "ours")))
                .json()
                .get("process")
                .asText();
        assertThat(namespace
                        .api()
                        .as(USER)
                        .get(namespace.path(sandbox, "log?process=" + his))
                        .text())
                .isEqualTo("his\n");
        assertThat(namespace
                        .api()
                        .as(USER)
                        .get(namespace.path(sandbox, "log?process=" + ours))
                        .code())
                .isEqualTo(403);
    }

    private static String canI(TestNamespace namespace, String where, String verb) {
        return namespace
                .cluster()
                .kubectl()
                .in(where)
                .as(USER)
                .run("auth", "can-i", verb, "sandboxes.agenttier.io", "--subresource=exec")
                .stdout()
                .strip();
    }
}
