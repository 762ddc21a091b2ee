package io.agenttier.apiserver.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ManagedFieldsEntry;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FieldOwnersTest {
    @Test
    void tellsOwnItemsFromThoseOfOthers() {
        var owners = of("""
                [{"manager":"agenttier-ports","operation":"Apply","fieldsV1":{"f:spec":{"f:ports":
                   {"k:{\\"port\\":8080}":{".":{},"f:port":{},"f:protocol":{}},"k:{\\"port\\":9090}":{".":{},"f:port":{}}}}}},
                 {"manager":"argocd","operation":"Apply","fieldsV1":{"f:spec":{"f:image":{},"f:ports":
                   {"k:{\\"port\\":9090}":{"f:name":{}},"k:{\\"port\\":1}":{".":{}}}}}},
                 {"manager":"kubectl-edit","operation":"Update","fieldsV1":{"f:spec":{"f:ports":{".":{},"k:{\\"port\\":9090}":{"f:protocol":{}}}}}},
                 {"manager":"kubectl-edit","operation":"Update","subresource":"status","fieldsV1":{"f:status":{"f:forwardedPorts":
                   {"k:{\\"port\\":7}":{}}}}}]""");
        assertThat(owners.own()).containsExactly(8080, 9090);
        assertThat(owners.others()).isEqualTo(Map.of(9090, List.of("argocd", "kubectl-edit"), 1, List.of("argocd")));
    }

    @Test
    void anUpdateUnderOurNameIsNoApply() {
        var owners = of("""
                [{"manager":"agenttier-ports","operation":"Update","fieldsV1":{"f:spec":{"f:ports":{"k:{\\"port\\":8080}":{}}}}}]""");
        assertThat(owners.own()).isEmpty();
        assertThat(owners.others()).containsOnlyKeys(8080);
    }

    @Test
    void whatIsNoItemOfPortsSaysNothing() {
        assertThat(FieldOwners.of(null, "agenttier-ports").own()).isEmpty();
        var owners = of("""
                [{"manager":"a","operation":"Apply"},
                 {"manager":"b","operation":"Apply","fieldsV1":{"f:spec":{"f:ports":[]}}},
                 {"manager":"c","operation":"Apply","fieldsV1":{"f:spec":{"f:ports":{".":{},"k:{\\"port\\":\\"x\\"}":{},"k:{\\"port\\":99999999999}":{},"v:1":{}}}}}]""");
        assertThat(owners.own()).isEmpty();
        assertThat(owners.others()).isEmpty();
    }

    /** The client's model of metadata drops them without a word. */
    @Test
    void ownersSurviveTheWayFromTheDocument() {
        var document = JSON.getGson().fromJson("""
                {"metadata":{"name":"web","managedFields":[{"manager":"agenttier-ports","operation":"Apply",
                   "fieldsV1":{"f:spec":{"f:ports":{"k:{\\"port\\":8080}":{".":{}}}}}}]},
                 "spec":{"ports":[{"port":8080,"protocol":"http"}]}}""", com.google.gson.JsonObject.class);
        assertThat(SandboxPorts.set(document).own()).containsExactly(8080);
    }

    private static FieldOwners of(String entries) {
        return FieldOwners.of(
                Arrays.asList(JSON.getGson().fromJson(entries, V1ManagedFieldsEntry[].class)), "agenttier-ports");
    }
}
