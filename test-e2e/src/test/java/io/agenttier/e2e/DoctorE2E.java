package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code kubectl sandbox doctor} on a cluster that is well, for those who may look at everything and those who may not. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class DoctorE2E {
    @Test
    void aHealthyClusterFailsNothing(TestNamespace namespace) {
        var report = namespace.kubectl().sandbox("doctor").orThrow();
        assertThat(report.stdout())
                .contains("ok    crds", "ok    apiservice", "ok    subresources", "ok    certificates", "ok    create")
                .doesNotContain("fail  ");
        assertThat(report.stdout().lines().filter(line -> line.startsWith("ok    webhook")))
                .hasSize(2);
        assertThat(namespace.kubectl().run("get", "sandboxes", "-o", "name").stdout())
                .as("a dry run stores nothing")
                .isEmpty();
    }

    @Test
    void whoMayNothingIsToldWhichRightsAreMissing(TestNamespace namespace) {
        var report = namespace.kubectl().as("nobody-here").sandbox("doctor").orThrow();
        assertThat(report.stdout())
                .contains(
                        "you lack the right to get apiservices.apiregistration.k8s.io",
                        "you lack the right to create sandboxes.agenttier.io")
                .doesNotContain("fail  ");
    }
}
