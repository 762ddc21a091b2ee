package io.agenttier.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.FileDescriptor;

@AnalyzeClasses(packages = "io.agenttier.cli", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule LOADS_NOTHING_HEAVY = classes()
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "io.agenttier.cli..",
                    "io.agenttier.api..",
                    "java..",
                    "javax.net.ssl..",
                    "picocli..",
                    "com.fasterxml.jackson.core..",
                    "org.snakeyaml..",
                    "org.jspecify.."))
            .because("each further library costs every start of the plugin");

    @ArchTest
    static final ArchRule ONE_PACKAGE_WRITES_OUTPUT = noClasses()
            .that()
            .resideOutsideOfPackage("..cli.output")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .accessField(FileDescriptor.class, "out")
            .orShould()
            .accessField(FileDescriptor.class, "err")
            .because("output of commands must stay exact to the byte");

    @ArchTest
    static final ArchRule ONE_IMPORTER_OF_JACKSON = noClasses()
            .that()
            .resideOutsideOfPackage("..cli.json")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.fasterxml..");

    @ArchTest
    static final ArchRule ONE_IMPORTER_OF_YAML = noClasses()
            .that()
            .resideOutsideOfPackage("..cli.kubeconfig")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.snakeyaml..");

    @ArchTest
    static final ArchRule TRANSPORT_KNOWS_NO_COMMANDS = noClasses()
            .that()
            .resideInAnyPackage("..cli.transport", "..cli.json", "..cli.output")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..cli.command", "..cli.kubeconfig", "picocli..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.agenttier.cli.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_SLEEP =
            noClasses().should().callMethod(Thread.class, "sleep", long.class).because("waits must end with Ctrl-C");

    @ArchTest
    static final ArchRule NO_REFLECTION =
            noClasses().should().dependOnClassesThat().resideInAPackage("java.lang.reflect..");
}
