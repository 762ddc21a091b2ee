package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** kube-apiserver itself refuses what no sandbox can be, and says why. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class ValidationE2E {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {}                                                                             | image
                    {image: {repository: ""}}                                                      | repository
                    {image: {repository: x}, mode: robot}                                          | mode
                    {image: {repository: x}, storage: {size: lots}}                                | size
                    {image: {repository: x}, storage: {mountPath: relative}}                       | mountPath
                    {image: {repository: x}, storage: {mountPath: /proc/x}}                        | mountPath
                    {image: {repository: x}, storage: {ephemeral: true, shared: true}}             | ephemeral
                    {image: {repository: x}, timeout: soon}                                        | timeout
                    {image: {repository: x}, env: [{name: AGENTTIER_X, value: y}]}                 | AGENTTIER_
                    {image: {repository: x}, security: {privileged: true}}                         | privileged
                    {image: {repository: x}, powerState: Paused}                                   | powerState
                    {image: {repository: x}, network: {egressRules: [{ports: [{port: 80}]}]}}      | cidr
                    {image: {repository: x}, files: [{path: a, content: b, configMapRef: {name: c, key: d}}]} | exactly one
                    """)
    void refuses(String spec, String word, TestNamespace namespace) {
        var outcome = namespace
                .kubectl()
                .with("{apiVersion: agenttier.io/v1alpha1, kind: Sandbox, metadata: {name: refused}, spec: " + spec
                        + "}")
                .run("create", "-f", "-");
        assertThat(outcome.code()).as(outcome.toString()).isEqualTo(1);
        assertThat(outcome.stderr()).containsIgnoringCase("invalid").contains(word);
    }

    @Test
    void keepsWhatMayNotChange(TestNamespace namespace) {
        var sandbox = namespace.apply("busybox", "storage: {size: 2Gi}", "powerState: Stopped");
        for (var patch : new String[] {
            "{\"spec\":{\"mode\":\"agent\"}}",
            "{\"spec\":{\"templateRef\":{\"name\":\"late\"}}}",
            "{\"spec\":{\"storage\":{\"size\":\"1Gi\"}}}",
            "{\"spec\":{\"storage\":{\"mountPath\":\"/elsewhere\"}}}",
            "{\"spec\":{\"storage\":{\"ephemeral\":true}}}"
        }) {
            var outcome = namespace.kubectl().run("patch", "sandbox", sandbox, "--type=merge", "-p", patch);
            assertThat(outcome.code()).as(patch + outcome).isEqualTo(1);
        }
    }

    @Test
    void refusesAnUnknownFieldByName(TestNamespace namespace) {
        var outcome = namespace
                .kubectl()
                .with(
                        "{apiVersion: agenttier.io/v1alpha1, kind: Sandbox, metadata: {name: refused}, spec: {image: {repository: x}, imag: y}}")
                .run("create", "-f", "-");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.stderr()).contains("spec.imag");
    }
}
