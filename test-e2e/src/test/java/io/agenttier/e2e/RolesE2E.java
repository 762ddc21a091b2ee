package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the shipped roles allow, alone and joined to view, edit and admin: each verb on each subresource that discovery names. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class RolesE2E {
    private static final List<String> ROLES = List.of(
            "agenttier-sandbox-viewer",
            "agenttier-sandbox-editor",
            "agenttier-sandbox-admin",
            "agenttier-admin",
            "view",
            "edit",
            "admin");
    private static final List<String> VERBS =
            List.of("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection");
    private static final Set<String> READING = Set.of("get", "list", "watch");
    private static final Set<String> WRITING = Set.of("create", "update", "patch", "delete", "deletecollection");

    @BeforeAll
    static void oneUserARole(TestNamespace namespace) {
        for (var role : ROLES) {
            namespace
                    .kubectl()
                    .run("create", "rolebinding", "is-" + role, "--clusterrole=" + role, "--user=" + role)
                    .orThrow();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "agenttier-sandbox-viewer,false",
        "agenttier-sandbox-editor,true",
        "agenttier-sandbox-admin,true",
        "agenttier-admin,true",
        "view,false",
        "edit,true",
        "admin,true"
    })
    void actsInsideASandboxOrNotAtAll(String role, boolean acts, TestNamespace namespace) {
        var expected = new TreeMap<String, Set<String>>();
        var allowed = new TreeMap<String, Set<String>>();
        subresources(namespace).forEach((subresource, verbs) -> {
            expected.put(subresource, acts ? verbs : Set.of());
            allowed.put(subresource, allowed(namespace, role, "sandboxes", subresource));
        });
        assertThat(allowed).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "agenttier-sandbox-viewer,false,false",
        "agenttier-sandbox-editor,true,false",
        "agenttier-sandbox-admin,true,true",
        "agenttier-admin,true,true",
        "view,false,false",
        "edit,true,false",
        "admin,true,true"
    })
    void readsAndPerhapsWritesObjects(String role, boolean sandboxes, boolean templates, TestNamespace namespace) {
        assertThat(allowed(namespace, role, "sandboxes", "")).isEqualTo(sandboxes ? both() : READING);
        assertThat(allowed(namespace, role, "sandboxtemplates", "")).isEqualTo(templates ? both() : READING);
        assertThat(allowed(namespace, role, "sandboxes", "status")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"agenttier-sandbox-viewer", "view"})
    void isRefusedByTheServerWhateverAViewerTries(String role, TestNamespace namespace) {
        var api = namespace.api().as(role);
        for (var path : List.of("log?process=exec-1", "files?path=.", "archive", "processes")) {
            assertThat(api.get(namespace.path("any", path)).code()).as(path).isEqualTo(403);
        }
        for (var path : List.of("exec", "files", "stop", "resume")) {
            assertThat(api.post(namespace.path("any", path), Map.of()).code())
                    .as(path)
                    .isEqualTo(403);
        }
    }

    /** The sentence of the server that the right lets through to: there is no such sandbox. */
    @ParameterizedTest
    @ValueSource(strings = {"agenttier-sandbox-editor", "edit", "admin"})
    void isServedWhoMay(String role, TestNamespace namespace) {
        var reply = namespace.api().as(role).get(namespace.path("any", "processes"));
        assertThat(reply.code()).as(reply.toString()).isEqualTo(404);
    }

    @Test
    void aRuleForAStarGrantsExecAndOneForSandboxesStarNothing(TestNamespace namespace) {
        rule(namespace, "star", "*");
        rule(namespace, "every-exec", "*/exec");
        rule(namespace, "sandboxes-star", "sandboxes/*");
        assertThat(allowed(namespace, "star", "sandboxes", "exec")).containsExactly("create");
        assertThat(allowed(namespace, "every-exec", "sandboxes", "exec")).containsExactly("create");
        assertThat(allowed(namespace, "sandboxes-star", "sandboxes", "exec")).isEmpty();
    }

    private static void rule(TestNamespace namespace, String name, String resources) {
        namespace
                .kubectl()
                .with("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: %s}
                rules: [{apiGroups: [agenttier.io], resources: ["%s"], verbs: [create]}]
                """.formatted(name, resources))
                .run("create", "-f", "-")
                .orThrow();
        namespace
                .kubectl()
                .run("create", "rolebinding", name, "--role=" + name, "--user=" + name)
                .orThrow();
    }

    private static Set<String> both() {
        var both = new TreeSet<>(READING);
        both.addAll(WRITING);
        return both;
    }

    /** Verbs that whoever acts needs, by subresource: those of discovery, and create for what a WebSocket is opened on. */
    private static Map<String, Set<String>> subresources(TestNamespace namespace) {
        var found = new TreeMap<String, Set<String>>();
        for (var resource : namespace
                .api()
                .get("/apis/agenttier.io/subresources-v1alpha1")
                .json()
                .get("resources")) {
            var name = resource.get("name").asText().substring("sandboxes/".length());
            var verbs = new TreeSet<String>();
            for (JsonNode verb : resource.get("verbs")) {
                verbs.add(verb.asText());
            }
            if (Set.of("exec", "attach", "portforward", "proxy").contains(name)) {
                verbs.add("create");
            }
            found.put(name, verbs);
        }
        assertThat(found).containsKeys("exec", "files", "log");
        return found;
    }

    private static Set<String> allowed(TestNamespace namespace, String user, String resource, String subresource) {
        var allowed = new TreeSet<String>();
        for (var verb : VERBS) {
            var review = namespace
                    .api()
                    .post(
                            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
                            Map.of(
                                    "apiVersion",
                                    "authorization.k8s.io/v1",
                                    "kind",
                                    "SubjectAccessReview",
                                    "spec",
                                    Map.of(
                                            "user",
                                            user,
                                            "resourceAttributes",
                                            Map.of(
                                                    "namespace",
                                                    namespace.name(),
                                                    "group",
                                                    "agenttier.io",
                                                    "resource",
                                                    resource,
                                                    "subresource",
                                                    subresource,
                                                    "name",
                                                    "any",
                                                    "verb",
                                                    verb))));
            assertThat(review.code()).as(review.toString()).isEqualTo(201);
            if (review.json().at("/status/allowed").asBoolean()) {
                allowed.add(verb);
            }
        }
        return allowed;
    }
}
