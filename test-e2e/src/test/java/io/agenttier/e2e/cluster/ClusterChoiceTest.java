package io.agenttier.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterChoiceTest {
    private static final Path KUBECONFIG = Path.of("build/cluster/kubeconfig");

    @ParameterizedTest
    @CsvSource({"auto", "local", "kind", "current"})
    void takesTheClusterThatIsUpWhateverIsWanted(String wanted) {
        assertThat(ClusterChoice.of(new ClusterChoice.Machine(wanted, Optional.of(KUBECONFIG), false, false)))
                .isEqualTo(new ClusterChoice.Running(KUBECONFIG));
    }

    @Test
    void prefersKindWhereAnEngineAnswers() {
        assertThat(choose("auto", true, true)).isEqualTo(new ClusterChoice.Kind());
    }

    @Test
    void takesProcessesWhereNoEngineAnswers() {
        assertThat(choose("auto", false, true)).isEqualTo(new ClusterChoice.Local());
    }

    @Test
    void keepsToProcessesWhenTheyAreWantedThoughAnEngineAnswers() {
        assertThat(choose("local", true, true)).isEqualTo(new ClusterChoice.Local());
    }

    @Test
    void refusesKindWithoutAnEngine() {
        assertThat(choose("kind", false, true))
                .isInstanceOfSatisfying(
                        ClusterChoice.None.class,
                        none -> assertThat(none.why()).contains("no container engine answers"));
    }

    @Test
    void refusesProcessesWithoutRoot() {
        assertThat(choose("auto", false, false))
                .isInstanceOfSatisfying(
                        ClusterChoice.None.class, none -> assertThat(none.why()).contains("needs root"));
    }

    @Test
    void neverTakesAStrangersClusterUnasked() {
        assertThat(choose("current", true, true)).isInstanceOf(ClusterChoice.None.class);
    }

    @Test
    void namesAnUnknownChoice() {
        assertThat(choose("minikube", true, true))
                .isInstanceOfSatisfying(
                        ClusterChoice.None.class,
                        none -> assertThat(none.why()).contains("CLUSTER=minikube is unknown"));
    }

    private static ClusterChoice choose(String wanted, boolean engine, boolean root) {
        return ClusterChoice.of(new ClusterChoice.Machine(wanted, Optional.empty(), engine, root));
    }
}
