package io.agenttier.controller;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.PrintStream;

/** The borders of this module, each with its reason. */
@AnalyzeClasses(packages = "io.agenttier.controller", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "io.agenttier.controller";

    /** Kubernetes objects as plain values: the vocabulary of everyone here. */
    private static final DescribedPredicate<JavaClass> CLIENT = resideInAPackage("io.kubernetes.client..")
            .and(DescribedPredicate.not(resideInAnyPackage(
                    "io.kubernetes.client.openapi.models",
                    "io.kubernetes.client.custom",
                    "io.kubernetes.client.common")))
            .as("the Java client, its model types apart");

    @ArchTest
    static final ArchRule PLAN_IS_PURE = noClasses()
            .that()
            .resideInAPackage(ROOT + ".plan..")
            .should()
            .dependOnClassesThat(CLIENT)
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.io..",
                    "java.nio.file..",
                    "java.util.concurrent..",
                    "okhttp3..",
                    "org.slf4j..",
                    "com.google.gson..")
            .orShould()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching(
                    "java\\.(util\\.Random|util\\.UUID|security\\.SecureRandom|time\\.Clock|time\\.InstantSource)")
            .because("decisions are functions of the world and the time they are given");

    @ArchTest
    static final ArchRule PKI_ASKS_NO_CLOCK = noClasses()
            .that()
            .resideInAPackage(ROOT + ".pki..")
            .should()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .dependOnClassesThat(CLIENT)
            .because("certificates are functions of time and randomness that are given");

    @ArchTest
    static final ArchRule ONE_IMPORTER_OF_THE_CLIENT = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".kube..")
            .should()
            .dependOnClassesThat(CLIENT)
            .because("its limits are dealt with in one place");

    @ArchTest
    static final ArchRule ONE_IMPORTER_OF_BOUNCY_CASTLE = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".pki..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bouncycastle..")
            .because("keys and certificates are made in one place");

    @ArchTest
    static final ArchRule ONE_IMPORTER_OF_PROMETHEUS = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".telemetry..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.prometheus..")
            .because("that client is frozen and will be replaced");

    @ArchTest
    static final ArchRule FEW_IMPORTERS_OF_GSON = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + ".kube..", ROOT + ".sandboxd..", ROOT + ".config..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.google.gson..")
            .because("JSON belongs to the edges");

    @ArchTest
    static final ArchRule NO_SLEEP = noClasses()
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Thread.class, "sleep", java.time.Duration.class)
            .because("waiting is for a change or a deadline, never for a guess");

    @ArchTest
    static final ArchRule NO_PRINTING = noClasses()
            .should()
            .dependOnClassesThat()
            .areAssignableTo(PrintStream.class)
            .because("what is said goes to the log");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();
}
