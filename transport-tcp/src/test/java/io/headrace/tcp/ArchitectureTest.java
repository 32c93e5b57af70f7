package io.headrace.tcp;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.headrace.ArchitectureRules;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ArchitectureTest {
    private static final JavaClasses STREAMS = ArchitectureRules.classesOf("io.headrace.tcp");

    @TestFactory
    Stream<DynamicTest> everywhere() {
        return ArchitectureRules.everywhere(STREAMS, "StreamBackend");
    }
}
