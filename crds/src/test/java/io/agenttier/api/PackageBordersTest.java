package io.agenttier.api;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Instant;

@AnalyzeClasses(packages = "io.agenttier.api", importOptions = ImportOption.DoNotIncludeTests.class)
class PackageBordersTest {
    @ArchTest
    static final ArchRule PURE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io..", "java.nio..", "com..", "io.kubernetes..", "org.slf4j..")
            .because(
                    "controller, API server and plugin share these records and rules, and judge by them without effects");

    @ArchTest
    static final ArchRule NO_NETWORK = noClasses()
            .should()
            .dependOnClassesThat(
                    resideInAPackage("java.net..").and(not(belongToAnyOf(InetAddress.class, Inet4Address.class))))
            .orShould()
            .callMethod(InetAddress.class, "getByName", String.class)
            .orShould()
            .callMethod(InetAddress.class, "getAllByName", String.class)
            .because("addresses are read as literals; a name would be looked up");

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
