package io.headrace;

import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ArchitectureTest {
    private static final JavaClasses CORE = ArchitectureRules.classesOf("io.headrace");

    @TestFactory
    Stream<DynamicTest> everywhere() {
        return ArchitectureRules.everywhere(CORE, "Loops");
    }

    @Test
    void coreKnowsNoSocket() {
        ArchitectureRules.coreKnowsNoSocket().check(CORE);
    }

    @Test
    void stagesUseOnlyPublicTypes() {
        ArchitectureRules.stagesUseOnlyPublicTypes().check(CORE);
    }
}
