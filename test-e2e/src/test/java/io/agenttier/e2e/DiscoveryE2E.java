package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Kubernetes knows our kinds and subresources, and everything that walks all groups stays well. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class DiscoveryE2E {
    private static final String GROUP_VERSION = "/apis/agenttier.io/subresources-v1alpha1";

    @Test
    void listsSubresourcesAndNoParent(Cluster cluster) {
        var list = cluster.api().get(GROUP_VERSION).json();
        assertThat(list.get("kind").asText()).isEqualTo("APIResourceList");
        assertThat(list.get("apiVersion").asText()).isEqualTo("v1");
        var names = texts(list.get("resources"), "name");
        assertThat(names)
                .contains(
                        "sandboxes/exec",
                        "sandboxes/log",
                        "sandboxes/portforward",
                        "sandboxes/ports",
                        "sandboxes/processes",
                        "sandboxes/proxy",
                        "sandboxes/files",
                        "sandboxes/stop",
                        "sandboxes/resume")
                .allMatch(name -> name.startsWith("sandboxes/"));
        assertThat(list.get("resources"))
                .allSatisfy(
                        resource -> assertThat(resource.get("kind").asText()).isNotBlank());
    }

    @Test
    void keepsTheCrdVersionPreferred(Cluster cluster) {
        assertThat(cluster.api()
                        .get("/apis/agenttier.io")
                        .json()
                        .at("/preferredVersion/version")
                        .asText())
                .isEqualTo("v1alpha1");
    }

    @Test
    void isCurrentInAggregatedDiscovery(Cluster cluster) {
        var groups = cluster.api()
                .with("Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
                .get("/apis")
                .json();
        var ours = StreamSupport.stream(groups.get("items").spliterator(), false)
                .filter(group -> group.at("/metadata/name").asText().equals("agenttier.io"))
                .findFirst()
                .orElseThrow();
        var version = StreamSupport.stream(ours.get("versions").spliterator(), false)
                .filter(v -> v.get("version").asText().equals("subresources-v1alpha1"))
                .findFirst()
                .orElseThrow();
        assertThat(version.get("freshness").asText()).isEqualTo("Current");
        assertThat(version.toString()).contains("\"exec\"");
    }

    @Test
    void describesItselfInOpenApi(Cluster cluster) {
        var index = cluster.api().get("/openapi/v3").json();
        var url = index.at("/paths")
                .path("apis/agenttier.io/subresources-v1alpha1")
                .get("serverRelativeURL")
                .asText();
        var document = cluster.api().get(url).json();
        assertThat(document.get("openapi").asText()).startsWith("3.");
        assertThat(document.get("paths").toString()).contains("/exec").contains("x-kubernetes-action");
        assertThat(document.at("/components/schemas").toString()).contains("SandboxExecRequest");
        // the CRD's own document is not shadowed by ours
        assertThat(index.at("/paths").has("apis/agenttier.io/v1alpha1")).isTrue();
    }

    @Test
    void explainsItsFields(Cluster cluster) {
        var explained = cluster.kubectl().run("explain", "sandbox.spec.storage").orThrow();
        assertThat(explained.stdout()).contains("mountPath").contains("storageClass");
        for (var field : new String[] {
            "sandbox.spec.network.egressRules", "sandboxtemplate.spec.harness", "clustersandboxtemplate.spec"
        }) {
            assertThat(cluster.kubectl().run("explain", field).orThrow().stdout())
                    .contains("DESCRIPTION");
        }
    }

    @Test
    void hasShortNamesAndCategory(Cluster cluster) {
        var resources = cluster.kubectl()
                .run("api-resources", "--api-group=agenttier.io")
                .orThrow()
                .stdout();
        assertThat(resources).contains("sbx").contains("sbxt").contains("csbxt");
        assertThat(cluster.kubectl().run("get", "agenttier", "-A").code()).isZero();
    }

    @Test
    void installsTheBuiltInTemplates(Cluster cluster) {
        assertThat(cluster.kubectl().run("get", "csbxt", "-o", "name").orThrow().stdout())
                .contains("clustersandboxtemplate.agenttier.io/minimal-shell")
                .contains("clustersandboxtemplate.agenttier.io/general-coding");
    }

    private static java.util.List<String> texts(JsonNode array, String field) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(node -> node.get(field).asText())
                .toList();
    }
}
