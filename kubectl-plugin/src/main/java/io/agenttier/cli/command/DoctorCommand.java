package io.agenttier.cli.command;

import io.agenttier.cli.doctor.Admission;
import io.agenttier.cli.doctor.Answer;
import io.agenttier.cli.doctor.Certificates;
import io.agenttier.cli.doctor.Finding;
import io.agenttier.cli.doctor.Network;
import io.agenttier.cli.doctor.Registration;
import io.agenttier.cli.doctor.Supplies;
import io.agenttier.cli.json.JsonWriter;
import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.transport.ApiPath;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** {@code doctor}: what keeps sandboxes from working in this cluster, by the rights of the user. It stores nothing and makes no pod. */
final class DoctorCommand implements Command {
    private static final String API_SERVICE =
            "/apis/apiregistration.k8s.io/v1/apiservices/subresources-v1alpha1.agenttier.io";
    private static final String WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/";

    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "doctor",
                "Check what sandboxes need of this cluster. Ends with 1 if something fails; a right that you lack is a warning.");
        spec.addOption(Options.value("json", "Print a JSON document.", "-o", "--output"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var format = arguments.text("-o").orElse("");
        if (!format.isEmpty() && !format.equals("json")) {
            throw new UsageException("-o \"%s\" is invalid: expected json".formatted(format));
        }
        var findings = findings(session, new ClusterQuestions(session));
        if (format.isEmpty()) {
            for (var finding : findings) {
                session.output().line(line(finding));
            }
        } else {
            session.output().line(JsonWriter.pretty(document(findings)));
        }
        return worst(findings) == Finding.Level.FAIL ? ExitCode.FAILED : ExitCode.OK;
    }

    private static List<Finding> findings(Session session, ClusterQuestions ask) throws IOException {
        var now = Instant.now();
        var service = ask.get(API_SERVICE, "get apiservices.apiregistration.k8s.io");
        var findings = new ArrayList<Finding>();
        findings.add(Registration.kinds(ask.get(ApiPath.OBJECTS, "discover agenttier.io")));
        findings.add(Registration.apiService(service));
        findings.add(Registration.subresources(ask.get(ApiPath.SUBRESOURCES, "discover agenttier.io")));
        findings.add(Registration.version(VersionCommand.own(), service));
        findings.add(Certificates.ofApiService(service, now));
        findings.add(Certificates.ofWebhook(
                "msandbox.agenttier.io",
                ask.get(
                        WEBHOOKS + "mutatingwebhookconfigurations/msandbox.agenttier.io",
                        "get mutatingwebhookconfigurations.admissionregistration.k8s.io"),
                now));
        findings.add(Certificates.ofWebhook(
                "vsandbox.agenttier.io",
                ask.get(
                        WEBHOOKS + "validatingwebhookconfigurations/vsandbox.agenttier.io",
                        "get validatingwebhookconfigurations.admissionregistration.k8s.io"),
                now));
        findings.add(Admission.of(session.namespace(), dryRun(session, ask)));
        findings.add(Network.enforcement(
                ask.get("/apis", "discover the API"), ask.get("/apis/apps/v1/daemonsets", "list daemonsets.apps")));
        findings.add(Supplies.storage(
                ask.get("/apis/storage.k8s.io/v1/storageclasses", "list storageclasses.storage.k8s.io")));
        findings.add(Supplies.runtimes(
                ask.get("/apis/node.k8s.io/v1/runtimeclasses", "list runtimeclasses.node.k8s.io"),
                ask.get(ApiPath.OBJECTS + "/clustersandboxtemplates", "list clustersandboxtemplates.agenttier.io")));
        findings.add(Supplies.snapshots(ask.get(
                "/apis/snapshot.storage.k8s.io/v1/volumesnapshotclasses",
                "list volumesnapshotclasses.snapshot.storage.k8s.io")));
        return findings;
    }

    private static Answer dryRun(Session session, ClusterQuestions ask) throws IOException {
        return ask.post(
                ApiPath.objects(session.namespace(), "sandboxes")
                        .query("dryRun", "All")
                        .toString(),
                """
                {"apiVersion":"agenttier.io/v1alpha1","kind":"Sandbox","metadata":{"generateName":"doctor-"},
                 "spec":{"image":{"repository":"doctor"},"powerState":"Stopped"}}""",
                "create sandboxes.agenttier.io in namespace \"%s\"".formatted(session.namespace()));
    }

    private static String line(Finding finding) {
        var next = finding.next().isEmpty() ? "" : "; " + finding.next();
        return Table.printable(
                "%-4s  %-12s  %s%s".formatted(finding.level().word(), finding.check(), finding.message(), next));
    }

    private static Finding.Level worst(List<Finding> findings) {
        return findings.stream()
                .map(Finding::level)
                .max(Comparator.naturalOrder())
                .orElse(Finding.Level.OK);
    }

    private static Map<String, Object> document(List<Finding> findings) {
        var checks = findings.stream().map(DoctorCommand::tree).toList();
        var document = new LinkedHashMap<String, Object>();
        document.put("status", worst(findings).word());
        document.put("checks", checks);
        return document;
    }

    private static Map<String, Object> tree(Finding finding) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("check", finding.check());
        tree.put("status", finding.level().word());
        tree.put("message", finding.message());
        if (!finding.next().isEmpty()) {
            tree.put("next", finding.next());
        }
        return tree;
    }
}
