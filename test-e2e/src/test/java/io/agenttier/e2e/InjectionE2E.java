package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestClassOrder;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/** sandboxd comes into any image, by image volume and by init container. */
@Tag("disruptive")
@ExtendWith(ClusterExtension.class)
@TestClassOrder(ClassOrderer.ClassName.class)
@TestMethodOrder(MethodOrderer.MethodName.class)
class InjectionE2E {
    @Nested
    class ByImageVolume {
        @BeforeAll
        static void inject(TestNamespace namespace) {
            injection(namespace, "imageVolume");
        }

        @Test
        void runsInAnImageOfBusyboxAlone(TestNamespace namespace) {
            var sandbox = busybox(namespace);
            assertThat(podSpec(namespace, sandbox))
                    .contains("\"image\":{\"pullPolicy\"")
                    .doesNotContain("agenttier-install");
        }

        @Test
        void runsInAnImageOfOneStaticProgram(TestNamespace namespace) {
            oneProgram(namespace, "test-static", "/static");
        }

        @Test
        void runsInAnImageWithMusl(TestNamespace namespace) {
            oneProgram(namespace, "test-musl", "/program");
        }
    }

    @Nested
    class ByInitContainer {
        @BeforeAll
        static void inject(TestNamespace namespace) {
            injection(namespace, "initContainer");
        }

        @AfterAll
        static void back(TestNamespace namespace) {
            injection(namespace, "auto");
        }

        @Test
        void runsInAnImageOfBusyboxAlone(TestNamespace namespace) {
            var sandbox = busybox(namespace);
            assertThat(podSpec(namespace, sandbox)).contains("agenttier-install");
        }

        @Test
        void runsInAnImageOfOneStaticProgram(TestNamespace namespace) {
            oneProgram(namespace, "test-static", "/static");
        }

        @Test
        void runsInAnImageWithMusl(TestNamespace namespace) {
            oneProgram(namespace, "test-musl", "/program");
        }
    }

    private static String busybox(TestNamespace namespace) {
        var sandbox = namespace.ready();
        var answer = Exec.json(namespace, sandbox, Map.of("script", "echo out; echo err >&2; exit 5"));
        assertThat(answer.get("stdout").asText()).isEqualTo("out\n");
        assertThat(answer.get("stderr").asText()).isEqualTo("err\n");
        assertThat(answer.get("exitCode").asInt()).isEqualTo(5);
        return sandbox;
    }

    private static void oneProgram(TestNamespace namespace, String image, String program) {
        var sandbox = namespace.apply(image);
        namespace.awaitReady(sandbox);
        assertThat(Exec.json(namespace, sandbox, program, "echo", "alone")
                        .get("stdout")
                        .asText())
                .isEqualTo("alone\n");
        assertThat(Exec.json(namespace, sandbox, program, "exit", "42")
                        .get("exitCode")
                        .asInt())
                .isEqualTo(42);
        var script = Exec.json(namespace, sandbox, Map.of("script", "true"));
        assertThat(script.get("exitCode").asInt()).isEqualTo(127);
        assertThat(script.get("message").asText()).contains("sh");
        var put = namespace
                .api()
                .call("PUT", namespace.path(sandbox, "files?path=f"), new byte[] {1, 2}, "application/octet-stream");
        assertThat(put.code()).as(put.text()).isEqualTo(201);
        assertThat(namespace.api().get(namespace.path(sandbox, "files?path=f")).body())
                .containsExactly(1, 2);
    }

    private static String podSpec(TestNamespace namespace, String sandbox) {
        return namespace
                .kubectl()
                .run("get", "pod", sandbox + "-pod", "-o", "jsonpath={.spec}")
                .orThrow()
                .stdout();
    }

    /** Changes the controller's argument as {@code helm upgrade --set sandboxd.injection=…} does, and waits for its new pod to lead. */
    private static void injection(TestNamespace namespace, String how) {
        var system = namespace.cluster().kubectl().in("agenttier");
        var arguments = system.run(
                        "get",
                        "deployment",
                        "agenttier-controller",
                        "-o",
                        "jsonpath={.spec.template.spec.containers[0].args}")
                .orThrow()
                .stdout();
        var changed = arguments.replaceAll("--sandboxd-injection=\\w+", "--sandboxd-injection=" + how);
        assertThat(changed).contains("--sandboxd-injection=" + how);
        var patch = "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"controller\",\"args\":" + changed
                + "}]}}}}";
        system.run("patch", "deployment", "agenttier-controller", "-p", patch).orThrow();
        system.run("rollout", "status", "deployment/agenttier-controller", "--timeout=120s")
                .orThrow();
    }
}
