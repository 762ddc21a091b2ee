package io.agenttier.api;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;

@AnalyzeClasses(packages = "io.agenttier.api", importOptions = ImportOption.DoNotIncludeTests.class)
class PackageBordersTest {
    @ArchTest
    static final ArchRule PURE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io..", "java.nio..", "java.net..", "com..", "io.kubernetes..", "org.slf4j..")
            .because(
                    "controller, API server and plugin share these records and rules, and judge by them without effects");

    @ArchTest
    static final ArchRule TIMELESS = noClasses()
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .because("the same world at the same time gives the same answer");

    @ArchTest
    static final ArchRule RECORDS_BELOW_MERGE = noClasses()
            .that()
            .resideInAPackage("io.agenttier.api")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.agenttier.api.merge..")
            .because("rules over records know the records, not the other way round");
}
