package io.agenttier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.cli.fake.Cluster;
import io.agenttier.cli.fake.FakeApiServer;
import io.agenttier.cli.fake.TestCertificates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoctorTest {
    private static final String SERVICE =
            "/apis/apiregistration.k8s.io/v1/apiservices/subresources-v1alpha1.agenttier.io";
    private static final String MUTATING =
            "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/msandbox.agenttier.io";
    private static final String VALIDATING =
            "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/vsandbox.agenttier.io";
    private static final String GROUPS = "/apis";
    private static final String DAEMONS = "/apis/apps/v1/daemonsets";
    private static final String CLASSES = "/apis/storage.k8s.io/v1/storageclasses";
    private static final String RUNTIMES = "/apis/node.k8s.io/v1/runtimeclasses";
    private static final String SNAPSHOTS = "/apis/snapshot.storage.k8s.io/v1/volumesnapshotclasses";
    private static final String DRY_RUN = "/apis/agenttier.io/v1alpha1/namespaces/team1/sandboxes";
    private static final String KINDS = "/apis/agenttier.io/v1alpha1";
    private static final String DISCOVERY = "/apis/agenttier.io/subresources-v1alpha1";
    private static final String TEMPLATES = "/apis/agenttier.io/v1alpha1/clustersandboxtemplates";
    private static final String NONE = "{\"items\":[]}";

    /** Answers by path: a document, or a code as text. */
    private final Map<String, String> answers = new HashMap<>();

    private FakeApiServer server;
    private CliRun cli;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        server = new FakeApiServer().answering((call, reply) -> {
            var found = answers.getOrDefault(call.path(), "404");
            switch (found) {
                case "403" -> reply.status(403, "Forbidden", "User jane cannot do this");
                case "404" -> reply.plain(404, "404 page not found");
                case "503" -> reply.plain(503, "service unavailable");
                case "500" ->
                    reply.status(500, "InternalError", "failed calling webhook msandbox.agenttier.io: refused");
                case "429" ->
                    reply.whole(
                            429,
                            "Content-Type: text/plain\r\nRetry-After: 1000",
                            "too many".getBytes(StandardCharsets.UTF_8));
                default -> reply.json(200, found);
            }
        });
        cli = new CliRun(Cluster.kubeconfig(folder, server));
        var bundle = Cluster.base64(TestCertificates.pem(server.authority().certificate()));
        answers.put(KINDS, "{\"resources\":[{\"name\":\"sandboxes\"}]}");
        answers.put(DISCOVERY, "{\"resources\":[]}");
        answers.put(SERVICE, """
                {"metadata":{"labels":{"app.kubernetes.io/version":"0.1.7"}},"spec":{"caBundle":"%s"},
                 "status":{"conditions":[{"type":"Available","status":"True"}]}}""".formatted(bundle));
        answers.put(MUTATING, "{\"webhooks\":[{\"clientConfig\":{\"caBundle\":\"%s\"}}]}".formatted(bundle));
        answers.put(VALIDATING, answers.get(MUTATING));
        answers.put(DRY_RUN, "{\"kind\":\"Sandbox\"}");
        answers.put(GROUPS, "{\"groups\":[{\"name\":\"cilium.io\"}]}");
        answers.put(DAEMONS, NONE);
        answers.put(CLASSES, """
                {"items":[{"metadata":{"name":"fast","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},
                  "allowVolumeExpansion":true},{"metadata":{"name":"slow"}}]}""");
        answers.put(RUNTIMES, "{\"items\":[{\"metadata\":{\"name\":\"gvisor\"}}]}");
        answers.put(TEMPLATES, NONE);
        answers.put(SNAPSHOTS, "{\"items\":[{\"metadata\":{\"name\":\"snap\"}}]}");
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void aHealthyClusterIsOkLineByLine() {
        assertThat(cli.run("doctor")).as(cli.stderr()).isZero();
        assertThat(cli.stderr()).isEmpty();
        assertThat(cli.stdout().lines())
                .hasSize(12)
                .allSatisfy(line -> assertThat(line).startsWith("ok "))
                .anySatisfy(line -> assertThat(line).contains("apiservice"))
                .anySatisfy(line -> assertThat(line).contains("Cilium enforces"));
        assertThat(server.calls())
                .allSatisfy(call -> assertThat(
                                call.method().equals("GET") || call.path().equals(DRY_RUN))
                        .as("stores nothing: %s %s", call.method(), call.path())
                        .isTrue());
    }

    @Test
    void nothingInstalledFailsWithTheNextStep() {
        answers.clear();
        assertThat(cli.run("doctor")).isEqualTo(1);
        assertThat(cli.stdout())
                .contains(
                        "fail  crds ",
                        "fail  apiservice ",
                        "fail  subresources ",
                        "install AgentTier with its Helm chart");
    }

    @Test
    void withoutAnyRightItWarnsNamesEachAndFailsNothing() {
        answers.replaceAll((path, _) -> "403");
        assertThat(cli.run("doctor")).isZero();
        assertThat(cli.stdout().lines())
                .hasSize(12)
                .allSatisfy(line -> assertThat(line).startsWith("warn ").contains("you lack the right to "));
        assertThat(cli.stdout())
                .contains(
                        "get apiservices.apiregistration.k8s.io",
                        "create sandboxes.agenttier.io in namespace \"team1\"",
                        "list storageclasses.storage.k8s.io");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            apiservice   | SERVICE   | {"status":{"conditions":[{"type":"Available","status":"False","reason":"FailedDiscoveryCheck","message":"x509"}]}} | FailedDiscoveryCheck x509; see that apiserver
            certificates | SERVICE   | {"spec":{"caBundle":"bm90IHBlbQ=="}}                                      | holds no certificate
            certificates | SERVICE   | {"spec":{"caBundle":"%%%"}}                                               | holds no certificate
            webhook      | MUTATING  | {"webhooks":[{"clientConfig":{}}]}                                        | msandbox.agenttier.io: no caBundle
            webhook      | VALIDATING| 404                                                                       | vsandbox.agenttier.io is missing
            subresources | DISCOVERY | 503                                                                       | service unavailable
            create       | DRY_RUN   | 500                                                                       | failed calling webhook
            create       | DRY_RUN   | 429                                                                       | come back later
            network      | DAEMONS   | {"items":[{"metadata":{"name":"kube-flannel-ds"}}]}                       | Flannel does not enforce
            network      | DAEMONS   | {"items":[{"metadata":{"name":"aws-node"}}]}                              | AWS VPC CNI without
            """)
    void whatIsBrokenFailsByName(String check, String asked, String answer, String text) {
        answers.put(GROUPS, "{}");
        answers.put(DAEMONS, "{\"items\":[{\"metadata\":{\"name\":\"calico-node\"}}]}");
        answers.put(path(asked), answer);
        assertThat(cli.run("doctor")).isEqualTo(1);
        assertThat(cli.stdout().lines().filter(line -> line.startsWith("fail  " + check)))
                .singleElement()
                .asString()
                .contains(text, "; ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            network      | DAEMONS   | {"items":[]}                                                      | prove it
            storage      | CLASSES   | {"items":[]}                                                      | no StorageClass is the default
            runtimeclass | TEMPLATES | {"items":[{"spec":{"runtimeClass":"kata"}}]}                      | do not exist: kata
            snapshots    | SNAPSHOTS | 404                                                               | knows no snapshots
            snapshots    | SNAPSHOTS | {"items":[]}                                                      | no VolumeSnapshotClass
            version      | SERVICE   | {"metadata":{"labels":{"app.kubernetes.io/version":"7.2.0"}}}     | and server 7.2.0 differ
            """)
    void whatIsOnlyMissingWarns(String check, String asked, String answer, String text) {
        answers.put(GROUPS, "{}");
        answers.put(path(asked), answer);
        cli.run("doctor");
        assertThat(cli.stdout().lines().filter(line -> line.startsWith("warn  " + check)))
                .singleElement()
                .asString()
                .contains(text, "; ");
    }

    @Test
    void jsonSaysTheSame() {
        answers.put(SNAPSHOTS, "404");
        assertThat(cli.run("doctor", "-o", "json")).isZero();
        assertThat(cli.stdout())
                .startsWith("{\n  \"status\" : \"warn\"")
                .contains("\"check\" : \"snapshots\"", "\"next\" : \"install the CRDs");
    }

    private static String path(String name) {
        return switch (name) {
            case "SERVICE" -> SERVICE;
            case "MUTATING" -> MUTATING;
            case "VALIDATING" -> VALIDATING;
            case "DISCOVERY" -> DISCOVERY;
            case "DRY_RUN" -> DRY_RUN;
            case "DAEMONS" -> DAEMONS;
            case "CLASSES" -> CLASSES;
            case "TEMPLATES" -> TEMPLATES;
            case "SNAPSHOTS" -> SNAPSHOTS;
            default -> throw new IllegalArgumentException(name);
        };
    }
}
