package io.agenttier.apiserver;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Duration;

/** Borders between the packages. A library has one importer, so that it can be replaced and its quirks are in one place. */
@AnalyzeClasses(packages = "io.agenttier.apiserver", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "io.agenttier.apiserver.";

    @ArchTest
    static final ArchRule onlyTheNetworkSideKnowsNetty = onlyIn("io.netty..", ROOT + "http..", ROOT + "stream..");

    @ArchTest
    static final ArchRule onlyCodecKnowsJackson = onlyIn("com.fasterxml.jackson..", ROOT + "codec..");

    @ArchTest
    static final ArchRule onlyKubeKnowsTheKubernetesClient = onlyIn("io.kubernetes..", ROOT + "kube..");

    @ArchTest
    static final ArchRule onlyKubeKnowsTheClientsOwnLibraries = onlyIn("com.google.gson..", ROOT + "kube..");

    @ArchTest
    static final ArchRule onlyKubeKnowsOkHttp = onlyIn("okhttp3..", ROOT + "kube..");

    @ArchTest
    static final ArchRule onlySandboxdKnowsNimbus = onlyIn("com.nimbusds..", ROOT + "sandboxd..");

    @ArchTest
    static final ArchRule onlyTelemetryKnowsTheMetricsLibrary = onlyIn("io.prometheus..", ROOT + "telemetry..");

    @ArchTest
    static final ArchRule onlyTelemetryKnowsOpenTelemetry = onlyIn("io.opentelemetry..", ROOT + "telemetry..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching(ROOT + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule nobodySleeps = noClasses()
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Thread.class, "sleep", Duration.class)
            .because("a wait has a reason that can be waited for, and a limit");

    @ArchTest
    static final ArchRule nobodyPrints =
            noClasses().should().accessField(System.class, "out").because("standard output belongs to the audit lines");

    private static ArchRule onlyIn(String library, String... importers) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(importers)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .because("a library has one importer");
    }
}
