package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** While the controller is down nobody mends the APIService's trust; the doctor names it. */
@Tag("disruptive")
@ExtendWith(ClusterExtension.class)
class DoctorOutageE2E {
    private static final String SERVICE = "apiservice/subresources-v1alpha1.agenttier.io";

    @AfterEach
    void controllerAgain(Cluster cluster) {
        cluster.kubectl()
                .in("agenttier")
                .run("scale", "deployment/agenttier-controller", "--replicas=1")
                .orThrow();
        cluster.kubectl()
                .run("wait", "--for=condition=Available", SERVICE, "--timeout=180s")
                .orThrow();
    }

    @Test
    void aBrokenCaBundleFailsWithTheNextStep(TestNamespace namespace, Cluster cluster) {
        var system = cluster.kubectl().in("agenttier");
        system.run("scale", "deployment/agenttier-controller", "--replicas=0").orThrow();
        system.run("wait", "--for=delete", "pod", "-l", "app.kubernetes.io/component=controller", "--timeout=120s")
                .orThrow();
        var foreign = system.run("get", "configmap", "kube-root-ca.crt", "-o", "jsonpath={.data.ca\\.crt}")
                .orThrow()
                .stdout();
        trust(cluster, foreign);
        cluster.kubectl()
                .run("wait", "--for=condition=Available=False", SERVICE, "--timeout=120s")
                .orThrow();
        var report = namespace.kubectl().sandbox("doctor");
        assertThat(report.code()).isEqualTo(1);
        assertThat(report.stdout()).containsPattern("fail  apiservice .*see that apiserver and controller run");

        // of this kube-apiserver tells calls alone, its condition stays what it was
        trust(cluster, "no PEM");
        report = namespace.kubectl().sandbox("doctor");
        assertThat(report.code()).isEqualTo(1);
        assertThat(report.stdout())
                .containsPattern("fail  certificates .*holds no certificate.*agenttier-controller")
                .containsPattern("fail  subresources .*see that apiserver and controller run");
        assertThat(report.stdout().lines().filter(line -> line.startsWith("ok    webhook")))
                .as("the webhook has a trust of its own")
                .hasSize(2);
    }

    private static void trust(Cluster cluster, String caBundle) {
        var encoded = Base64.getEncoder().encodeToString(caBundle.getBytes(StandardCharsets.UTF_8));
        cluster.kubectl()
                .run("patch", SERVICE, "--type=merge", "-p", "{\"spec\":{\"caBundle\":\"%s\"}}".formatted(encoded))
                .orThrow();
    }
}
