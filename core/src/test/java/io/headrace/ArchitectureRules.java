package io.headrace;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** The rules of the architecture that a compiler cannot hold. Every library module tests itself by them. */
public final class ArchitectureRules {
    /** What an application sees; Netty shows behind other types only. */
    private static final Set<String> WITHOUT_NETTY = Set.of(
            "Endpoint",
            "Server",
            "Handler",
            "Exchange",
            "Peer",
            "Session",
            "Connection",
            "Client",
            "Conversation",
            "DrainReport");

    private ArchitectureRules() {}

    /** The classes of these packages and those below them, without tests and without what came in jars. */
    public static JavaClasses classesOf(String... packages) {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
                .importPackages(packages);
    }

    /**
     * A test for each rule that holds in every library module.
     *
     * @param backend the one class of the module that names nio, epoll, kqueue and io_uring
     */
    public static Stream<DynamicTest> everywhere(JavaClasses classes, String backend) {
        return Stream.of(
                test("public classes are final", publicClassesAreFinal(), classes),
                test("no class has a vague name", noVagueNames(), classes),
                test("what applications see has no Netty in its signatures", noNettyInSignatures(), classes),
                test("only the clock reads the time", onlyTheClockReadsTheTime(), classes),
                test("only loops and workers make threads", onlyLoopsAndWorkersMakeThreads(), classes),
                test("only metrics know Micrometer", onlyMetricsKnowMicrometer(), classes),
                test("only " + backend + " names backends", onlyOneClassNamesBackends(backend), classes),
                test("packages form no cycle", noPackageCycles(), classes));
    }

    public static DynamicTest test(String fact, ArchRule rule, JavaClasses classes) {
        return DynamicTest.dynamicTest(fact, () -> rule.check(classes));
    }

    public static ArchRule publicClassesAreFinal() {
        return classes()
                .that()
                .arePublic()
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .should()
                .haveModifier(FINAL)
                .because("implementation is package-private, and nobody inherits from it");
    }

    public static ArchRule noVagueNames() {
        return noClasses()
                .should()
                .haveNameMatching(".*(Manager|Helper|Utils?|Impl)")
                .because("a class is a noun of DESIGN.md, a stage what it does for you");
    }

    public static ArchRule noNettyInSignatures() {
        return codeUnits()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat(describe(
                        "applications see",
                        type -> WITHOUT_NETTY.contains(type.getSimpleName())
                                || type.getSimpleName().endsWith("Options")))
                .should(haveSignaturesWithout("io.netty"))
                .allowEmptyShould(true);
    }

    private static ArchCondition<JavaCodeUnit> haveSignaturesWithout(String packages) {
        return new ArchCondition<>("have signatures without " + packages) {
            @Override
            public void check(JavaCodeUnit method, ConditionEvents events) {
                Stream<JavaType> types = Stream.concat(
                        Stream.of(method.getReturnType()),
                        Stream.concat(method.getParameterTypes().stream(), method.getExceptionTypes().stream()));
                types.flatMap(type -> type.getAllInvolvedRawTypes().stream())
                        .filter(type -> type.getPackageName().startsWith(packages))
                        .forEach(type -> events.add(SimpleConditionEvent.violated(
                                method, method.getFullName() + " shows " + type.getName())));
            }
        };
    }

    public static ArchRule onlyTheClockReadsTheTime() {
        DescribedPredicate<JavaAccess<?>> readsTheTime = describe("read the time", access -> {
            AccessTarget target = access.getTarget();
            String owner = target.getOwner().getName();
            return owner.equals("java.lang.System") && target.getName().matches("nanoTime|currentTimeMillis")
                    || owner.startsWith("java.time.") && target.getName().equals("now");
        });
        return noClasses()
                .that(not(partsOf("io.headrace.Clock")))
                .should()
                .accessTargetWhere(readsTheTime)
                .because("tests move time by hand");
    }

    public static ArchRule onlyLoopsAndWorkersMakeThreads() {
        DescribedPredicate<JavaAccess<?>> makesThreads = describe("make threads", access -> {
            JavaClass owner = access.getTarget().getOwner();
            boolean constructor = access.getTarget().getName().equals("<init>");
            return owner.isEquivalentTo(Executors.class)
                    || owner.isEquivalentTo(Thread.class)
                            && access.getTarget().getName().startsWith("of")
                    || constructor
                            && (owner.isAssignableTo(Thread.class)
                                    || owner.isAssignableTo(Executor.class)
                                    || owner.isAssignableTo(Timer.class));
        });
        return noClasses()
                .that(not(partsOf(
                        "io.headrace.Loops",
                        "io.headrace.LoopGroup",
                        "io.headrace.Metronome",
                        "io.headrace.AttentiveLoop",
                        "io.headrace.Workers")))
                .should()
                .accessTargetWhere(makesThreads)
                .because("threads have names, owners and an end");
    }

    public static ArchRule onlyMetricsKnowMicrometer() {
        return noClasses()
                .that(not(describe(
                        "count for metrics",
                        type -> type.getName().matches("io\\.headrace\\.stage\\.\\w*(Metrics|Meters)(\\$.*)?"))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.micrometer..")
                .because("an endpoint without metrics pays nothing");
    }

    /** {@code backend} is a class's simple name. */
    public static ArchRule onlyOneClassNamesBackends(String backend) {
        return noClasses()
                .that(not(describe("are " + backend, type -> type.getName().matches(".*\\." + backend + "(\\$.*)?"))))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty.channel.nio..",
                        "io.netty.channel.socket.nio..",
                        "io.netty.channel.epoll..",
                        "io.netty.channel.kqueue..",
                        "io.netty.channel.uring..")
                .because("the rest of the code must not care what it runs on");
    }

    public static ArchRule noPackageCycles() {
        return slices().assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        return type.getPackageName().startsWith("io.headrace")
                                ? SliceIdentifier.of(type.getPackageName())
                                : SliceIdentifier.ignore();
                    }

                    @Override
                    public String getDescription() {
                        return "packages";
                    }
                })
                .should()
                .beFreeOfCycles();
    }

    /** Stages that the project brings along are written with what everybody has. */
    public static ArchRule stagesUseOnlyPublicTypes() {
        ArchCondition<JavaClass> usePublicTypesOnly = new ArchCondition<>("use only public types of io.headrace") {
            @Override
            public void check(JavaClass stage, ConditionEvents events) {
                stage.getDirectDependenciesFromSelf().stream()
                        .filter(use -> use.getTargetClass().getPackageName().equals("io.headrace"))
                        .filter(use -> !use.getTargetClass().getModifiers().contains(PUBLIC))
                        .forEach(use -> events.add(SimpleConditionEvent.violated(stage, use.getDescription())));
            }
        };
        return classes().that().resideInAPackage("io.headrace.stage").should(usePublicTypesOnly);
    }

    public static ArchRule coreKnowsNoSocket() {
        return noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty.channel.socket..", "io.netty.channel.unix..")
                .because("the transports know sockets");
    }

    private static DescribedPredicate<JavaClass> partsOf(String... names) {
        return describe(
                "are " + String.join(", ", names),
                type -> Stream.of(names)
                        .anyMatch(name ->
                                type.getName().equals(name) || type.getName().startsWith(name + "$")));
    }
}
