package io.agenttier.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {
    private static final String SANDBOX = "/validate-sandbox";
    private static final String TEMPLATE = "/validate-template";

    private final Webhook webhook = new Webhook();

    private static String object(String spec) {
        return "{\"metadata\": {\"name\": \"sb\", \"creationTimestamp\": \"2026-01-02T03:04:05Z\"}, \"spec\": %s}"
                .formatted(spec);
    }

    @Test
    void creatorIsWhoAskedWhateverTheManifestSays() {
        var forged = webhook.review(
                "/mutate-sandbox", "CREATE", object("{\"createdBy\": {\"sub\": \"alice\"}, \"anything\": 1}"), "null");
        assertThat(forged.allowed()).isTrue();
        assertThat(forged.fields()).containsEntry("uid", "u-1").containsEntry("patchType", "JSONPatch");
        assertThat(forged.patch())
                .contains("\"op\":\"add\"", "\"path\":\"/spec/createdBy\"")
                .contains(
                        "{\"sub\":\"eve\",\"email\":\"eve@example.org\",\"displayName\":\"eve\",\"groups\":[\"system:authenticated\"]}");
        assertThat(webhook.review("/mutate-sandbox", "CREATE", object("{}"), "null")
                        .patch())
                .isEqualTo(forged.patch());
    }

    @Test
    void creatorStaysOnUpdateAndAClaimIsToldOf() {
        var stored = object("{\"createdBy\": {\"sub\": \"alice\", \"displayName\": \"alice\"}}");
        var forged = webhook.review("/mutate-sandbox", "UPDATE", object("{\"createdBy\": {\"sub\": \"eve\"}}"), stored);
        assertThat(forged.patch()).contains("\"sub\":\"alice\"").doesNotContain("eve");
        assertThat(forged.warnings()).hasSize(1).first().asString().contains("cannot be changed", "\"alice\"");
        var leftOut = webhook.review("/mutate-sandbox", "UPDATE", object("{\"timeout\": \"1h\"}"), stored);
        assertThat(leftOut.patch()).contains("\"sub\":\"alice\"");
        assertThat(leftOut.warnings())
                .as("a manifest without it claims nothing")
                .isEmpty();
        assertThat(webhook.review("/mutate-sandbox", "UPDATE", stored, stored).patch())
                .isEmpty();
        assertThat(webhook.review("/mutate-sandbox", "UPDATE", stored, object("{}"))
                        .patch())
                .as("one made before there was a webhook")
                .contains("\"op\":\"remove\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"image": {"pullSecret": "p"}}                                                     | get secrets team/p
            {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}]} | get configmaps team/c
            {"serviceAccount": "a"}                                                            | create serviceaccounts/token team/a
            {"network": {"egressRules": [{"serviceRef": {"name": "s"}}]}}                      | get services team/s
            {"network": {"ingressRules": [{"serviceRef": {"name": "s", "namespace": "data"}}]}} | get services data/s
            {"cloneFromSnapshot": "v"}                                                         | get volumesnapshots team/v
            {"templateRef": {"name": "t", "namespace": "other"}}                               | get sandboxtemplates other/t
            {"templateRef": {"name": "priv", "kind": "ClusterSandboxTemplate"}}                | use clustersandboxtemplates priv
            {"templateRef": {"name": "acc", "kind": "ClusterSandboxTemplate"}}                 | use clustersandboxtemplates acc
            {"templateRef": {"name": "not-yet", "kind": "ClusterSandboxTemplate"}}             | use clustersandboxtemplates not-yet
            {"templateRef": {"name": "child"}}                                                 | use clustersandboxtemplates priv
            """)
    void whatIsNamedTakesTheRightToIt(String spec, String right) {
        webhook.templates.put("priv", "{\"security\": {\"privileged\": true}}");
        webhook.templates.put("acc", "{\"serviceAccount\": \"builder\"}");
        webhook.templates.put(
                "team/child", "{\"inheritsFrom\": {\"name\": \"priv\", \"kind\": \"ClusterSandboxTemplate\"}}");
        var refused = webhook.review(SANDBOX, "CREATE", object(spec), "null");
        assertThat(refused.allowed()).isFalse();
        assertThat(refused.status("code")).isEqualTo(403);
        assertThat(refused.status("reason")).isEqualTo("Forbidden");
        assertThat(refused.causes())
                .hasSize(1)
                .first()
                .asString()
                .contains("User \"eve\" cannot " + right.substring(0, right.indexOf(" ")));
        assertThat(webhook.asked).containsExactly("eve " + right);
        webhook.rights.add(right);
        assertThat(webhook.review(SANDBOX, "CREATE", object(spec), "null").allowed())
                .isTrue();
    }

    @Test
    void everyMissingRightIsACauseOfItsOwn() {
        var spec =
                "{\"image\": {\"pullSecret\": \"p\"}, \"serviceAccount\": \"a\", \"credentials\": [{\"secretName\": \"p\"}]}";
        var refused = webhook.review(SANDBOX, "CREATE", object(spec), "null");
        assertThat(refused.causes())
                .containsExactly(
                        "spec.credentials[p].secretName: User \"eve\" cannot get secrets \"p\" in the namespace \"team\", which whoever names it must be allowed to",
                        "spec.image.pullSecret: User \"eve\" cannot get secrets \"p\" in the namespace \"team\", which whoever names it must be allowed to",
                        "spec.serviceAccount: User \"eve\" cannot create serviceaccounts/token \"a\" in the namespace \"team\", which whoever names it must be allowed to");
        assertThat(webhook.asked).as("each right is asked for once").hasSize(2);
    }

    @Test
    void anOrdinaryTemplateTakesNoRight() {
        webhook.templates.put("plain", "{\"image\": {\"repository\": \"r:1\"}}");
        var spec = "{\"templateRef\": {\"name\": \"plain\", \"kind\": \"ClusterSandboxTemplate\"}}";
        assertThat(webhook.review(SANDBOX, "CREATE", object(spec), "null").allowed())
                .isTrue();
        assertThat(webhook.asked).isEmpty();
    }

    @Test
    void onlyWhatChangesIsAskedFor() {
        var before =
                "{\"image\": {\"pullSecret\": \"p\"}, \"templateRef\": {\"name\": \"not-yet\", \"kind\": \"ClusterSandboxTemplate\"}}";
        var now = before.replaceFirst("\\{", "{\"timeout\": \"1h\", ");
        assertThat(webhook.review(SANDBOX, "UPDATE", object(now), object(before))
                        .allowed())
                .isTrue();
        var more = before.replaceFirst("\\{", "{\"serviceAccount\": \"a\", ");
        assertThat(webhook.review(SANDBOX, "UPDATE", object(more), object(before))
                        .causes())
                .hasSize(1);
        assertThat(webhook.asked).containsExactly("eve create serviceaccounts/token team/a");
    }

    @Test
    void keysOfSandboxesAndOfTheInstallationAreForNobody() {
        webhook.sandboxes.add("team/victim");
        webhook.rights.add("get secrets team/victim-0a1b2c3d");
        var named = webhook.review(
                SANDBOX, "CREATE", object("{\"credentials\": [{\"secretName\": \"victim-0a1b2c3d\"}]}"), "null");
        assertThat(named.causes())
                .containsExactly(
                        "spec.credentials[victim-0a1b2c3d].secretName: Secret \"victim-0a1b2c3d\" holds a key of sandbox \"victim\" and can never be named by a sandbox or template");
        webhook.rights.add("get secrets team/other-0a1b2c3d");
        assertThat(webhook.review(
                                SANDBOX,
                                "CREATE",
                                object("{\"credentials\": [{\"secretName\": \"other-0a1b2c3d\"}]}"),
                                "null")
                        .allowed())
                .isTrue();
    }

    @Test
    void aTemplateOfAnotherNamespaceCannotReachIntoThisOne() {
        webhook.templates.put("other/t", "{\"credentials\": [{\"secretName\": \"db\"}]}");
        webhook.rights.add("get sandboxtemplates other/t");
        webhook.rights.add("get secrets team/db");
        var spec = "{\"templateRef\": {\"name\": \"t\", \"namespace\": \"other\"}}";
        assertThat(webhook.review(SANDBOX, "CREATE", object(spec), "null").causes())
                .hasSize(1)
                .first()
                .asString()
                .contains(
                        "SandboxTemplate \"other/t\" of another namespace names \"db\"", "from the namespace \"team\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"169.254.169.254/32", "168.63.129.16/32", "fe80::1/128"})
    void protectedRangesAreInvalidInSandboxAndTemplate(String range) {
        var spec = object("{\"network\": {\"egressRules\": [{\"cidr\": \"%s\"}]}}".formatted(range));
        for (var path : new String[] {SANDBOX, TEMPLATE}) {
            var refused = webhook.review(path, "CREATE", spec, "null");
            assertThat(refused.status("code")).isEqualTo(422);
            assertThat(refused.causes()).hasSize(1).first().asString().startsWith("spec.network.egressRules: " + range);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"169.254.169.254", "168.63.129.16/32", "fe80::1"})
    void protectedRangesAreInvalidAsDestinationsOfConstraintsToo(String destination) {
        var spec = object("{\"harness\": {\"constraints\": {\"allowedNetworkDests\": [\"example.org\", \"%s\"]}}}"
                .formatted(destination));
        for (var path : new String[] {SANDBOX, TEMPLATE}) {
            var refused = webhook.review(path, "CREATE", spec, "null");
            assertThat(refused.status("code")).isEqualTo(422);
            assertThat(refused.causes())
                    .hasSize(1)
                    .first()
                    .asString()
                    .startsWith("spec.harness.constraints.allowedNetworkDests: " + destination);
            assertThat(webhook.review(path, "UPDATE", spec, spec).allowed())
                    .as("what was there before was judged then")
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"files": [{"path": "a", "secretRef": {"name": "s", "key": "k"}}]}                              | spec.files[a].secretRef | secrets
            {"files": [{"path": "a", "configMapRef": {"name": "s", "key": "k"}}]}                           | spec.files[a].configMapRef | configmaps
            {"harness": {"systemPrompt": {"secretRef": {"name": "s", "key": "k"}}}}                         | spec.harness.systemPrompt.secretRef | secrets
            {"harness": {"skills": [{"name": "a", "content": {"configMapRef": {"name": "s", "key": "k"}}}]}} | spec.harness.skills[a].content.configMapRef | configmaps
            {"credentials": [{"secretName": "s", "mountAs": "file", "mountPath": "/creds"}]}                | spec.credentials[s].secretName | secrets
            {"sidecars": [{"name": "a", "image": "i", "envFrom": [{"secretRef": {"name": "s"}}]}]}          | spec.sidecars[a].envFrom[s].secretRef | secrets
            {"initContainers": [{"name": "a", "image": "i", "env": [{"name": "E", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]} | spec.initContainers[a].env[E].valueFrom.secretKeyRef | secrets
            """)
    void everyPlaceThatTakesFromAnObjectIsAskedFor(String spec, String field, String resource) {
        var refused = webhook.review(SANDBOX, "CREATE", object(spec), "null");
        assertThat(refused.causes()).hasSize(1).first().asString().startsWith(field + ": ");
        assertThat(webhook.asked).containsExactly("eve get " + resource + " team/s");
    }

    @Test
    void referencesOfTemplatesTakeTheSameRights() {
        webhook.templates.put("priv", "{\"security\": {\"privileged\": true}}");
        var spec =
                "{\"serviceAccount\": \"a\", \"inheritsFrom\": {\"name\": \"priv\", \"kind\": \"ClusterSandboxTemplate\"}}";
        assertThat(webhook.review(TEMPLATE, "CREATE", object(spec), "null").causes())
                .hasSize(2);
    }

    @Test
    void aLoopOfTemplatesEnds() {
        webhook.templates.put("team/a", "{\"inheritsFrom\": {\"name\": \"b\"}}");
        webhook.templates.put("team/b", "{\"inheritsFrom\": {\"name\": \"a\"}}");
        assertThat(webhook.review(SANDBOX, "CREATE", object("{\"templateRef\": {\"name\": \"a\"}}"), "null")
                        .allowed())
                .isTrue();
    }

    @Test
    void nothingPassesWhileRightsCannotBeTold() {
        webhook.kubeIsDown = true;
        var refused = webhook.review(SANDBOX, "CREATE", object("{\"serviceAccount\": \"a\"}"), "null");
        assertThat(refused.allowed()).isFalse();
        assertThat(refused.status("code")).isEqualTo(503);
        assertThat(refused.status("message")).asString().contains("nothing was changed", "cannot be reached");
    }

    @Test
    void retiredFieldsAreWarnedOf() {
        var object = """
                {"metadata": {"name": "sb", "annotations": {"agenttier.io/action": "stop"}},
                 "spec": {"harness": {"useHTTPExec": true}, "sharing": {"shareLinks": [{"id": "ab", "usedCount": 3}]}}}""";
        assertThat(webhook.review(SANDBOX, "CREATE", object, "null").warnings())
                .hasSize(3)
                .anySatisfy(w -> assertThat(w).asString().contains("agenttier.io/action", "spec.powerState"))
                .anySatisfy(w -> assertThat(w).asString().contains("spec.harness.useHTTPExec"))
                .anySatisfy(w -> assertThat(w).asString().contains("shareLinks[ab].usedCount", "status.shareLinks"));
    }

    @Test
    void aTemplateInUseStaysUnlessItsNamespaceGoes() {
        var stored = object("{}");
        assertThat(webhook.review("/keep-template", "DELETE", "null", stored).allowed())
                .isTrue();
        webhook.users.add("team/one");
        webhook.users.add("team/two");
        var refused = webhook.review("/keep-template", "DELETE", "null", stored);
        assertThat(refused.status("code")).isEqualTo(409);
        assertThat(refused.status("message"))
                .isEqualTo("SandboxTemplate \"sb\" is in use by team/one, team/two: stop or delete them first");
        webhook.namespaceGoes = true;
        assertThat(webhook.review("/keep-template", "DELETE", "null", stored).allowed())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{",
                "{\"apiVersion\": \"admission.k8s.io/v1\", \"kind\": \"AdmissionReview\"}",
                "{\"apiVersion\": \"admission.k8s.io/v1beta1\", \"kind\": \"AdmissionReview\", \"request\": {\"uid\": \"u\"}}",
                "{\"apiVersion\": \"admission.k8s.io/v1\", \"kind\": \"AdmissionReview\", \"request\": {\"uid\": \"u\", \"operation\": \"CREATE\"}}",
                "{\"apiVersion\": \"admission.k8s.io/v1\", \"kind\": \"AdmissionReview\", \"request\": {\"uid\": \"u\", \"operation\": \"CREATE\", \"userInfo\": {\"username\": \"\"}, \"object\": {}}}"
            })
    void whatIsNoReviewIsABadRequest(String body) {
        for (var path : new String[] {"/mutate-sandbox", SANDBOX, TEMPLATE, "/keep-template"}) {
            var answer = webhook.post(path, body);
            assertThat(answer.status()).as(body).isEqualTo(400);
            assertThat(answer.text()).contains("\"reason\":\"BadRequest\"");
        }
    }

    @Test
    void wrongTypesLetNothingPass() {
        assertThat(webhook.post(SANDBOX, Webhook.question("CREATE", object("{\"env\": 7}"), "null"))
                        .status())
                .isEqualTo(400);
        assertThat(webhook.post(SANDBOX, Webhook.question("DELETE", "null", object("{}")))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aNameHasRoomForThePreviewsOfItsPorts() {
        webhook.templates.put("web", "{\"ports\": [{\"port\": 8080}]}");
        var named = "{\"templateRef\": {\"kind\": \"ClusterSandboxTemplate\", \"name\": \"web\"}}";
        for (var spec : List.of("{\"ports\": [{\"port\": 8080}]}", named)) {
            var refused = webhook.review(SANDBOX, "CREATE", object(spec), "null");
            assertThat(refused.status("code")).isEqualTo(422);
            assertThat(refused.causes())
                    .singleElement()
                    .asString()
                    .contains("spec.ports: ", "at most 1 characters", "has 2");
        }
        var tcp = "{\"ports\": [{\"port\": 8080, \"protocol\": \"tcp\"}]}";
        assertThat(webhook.review(SANDBOX, "CREATE", object(tcp), "null").allowed())
                .isTrue();
        assertThat(webhook.review(
                                SANDBOX,
                                "UPDATE",
                                object("{\"ports\": [{\"port\": 8080}], \"timeout\": \"1h\"}"),
                                object("{\"ports\": [{\"port\": 8080}]}"))
                        .allowed())
                .as("what was there before is not judged again")
                .isTrue();
    }

    @Test
    void otherPathsAndMethodsAreToldApart() {
        assertThat(webhook.post("/validate", "{}").status()).isEqualTo(404);
        assertThat(webhook.call("GET", SANDBOX, "").status()).isEqualTo(405);
    }

    @Test
    void aBodyBeyondEveryReviewIsTooLarge() {
        assertThat(webhook.post(SANDBOX, " ".repeat((8 << 20) + 1)).status()).isEqualTo(413);
    }
}
