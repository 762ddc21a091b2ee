package io.agenttier.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1Node;
import io.kubernetes.client.openapi.models.V1NodeSpec;
import io.kubernetes.client.openapi.models.V1NodeStatus;
import io.kubernetes.client.openapi.models.V1NodeSystemInfo;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InjectionTest {
    private static final V1Node GOOD = node("v1.36.3", "containerd://2.4.2+unknown", false);

    private static V1Node node(String kubelet, String runtime, boolean cordoned) {
        return new V1Node()
                .spec(new V1NodeSpec().unschedulable(cordoned))
                .status(new V1NodeStatus()
                        .nodeInfo(new V1NodeSystemInfo().kubeletVersion(kubelet).containerRuntimeVersion(runtime)));
    }

    @ParameterizedTest
    @CsvSource({
        "v1.35.0, containerd://2.1.0, IMAGE_VOLUME",
        "v2.0.1, containerd://3.0.0, IMAGE_VOLUME",
        "v1.34.9, containerd://2.1.0, INIT_CONTAINER",
        "v1.35.0, containerd://2.0.9, INIT_CONTAINER",
        "v1.35.0, containerd://1.7.27, INIT_CONTAINER",
        "v1.35.0, cri-o://1.35.0, INIT_CONTAINER",
        "unknown, unknown, INIT_CONTAINER"
    })
    void autoNeedsKubeletAndContainerdThatKnowImageVolumes(String kubelet, String runtime, Injection expected) {
        var nodes = List.of(GOOD, node(kubelet, runtime, false));
        assertThat(Injection.decide(Injection.Choice.AUTO, nodes, false)).isEqualTo(expected);
    }

    @Test
    void nodesThatTakeNoPodsDoNotCount() {
        var nodes = List.of(GOOD, node("v1.30.0", "containerd://1.7.0", true));
        assertThat(Injection.decide(Injection.Choice.AUTO, nodes, false)).isEqualTo(Injection.IMAGE_VOLUME);
    }

    @Test
    void unknownNodesAndOtherRuntimesGetTheWayThatWorksEverywhere() {
        assertThat(Injection.decide(Injection.Choice.AUTO, List.of(), false)).isEqualTo(Injection.INIT_CONTAINER);
        assertThat(Injection.decide(Injection.Choice.AUTO, List.of(new V1Node()), false))
                .isEqualTo(Injection.INIT_CONTAINER);
        assertThat(Injection.decide(Injection.Choice.AUTO, List.of(GOOD), true)).isEqualTo(Injection.INIT_CONTAINER);
    }

    @Test
    void explicitChoiceIsKept() {
        assertThat(Injection.decide(Injection.Choice.IMAGE_VOLUME, List.of(), true))
                .isEqualTo(Injection.IMAGE_VOLUME);
        assertThat(Injection.decide(Injection.Choice.INIT_CONTAINER, List.of(GOOD), false))
                .isEqualTo(Injection.INIT_CONTAINER);
    }
}
