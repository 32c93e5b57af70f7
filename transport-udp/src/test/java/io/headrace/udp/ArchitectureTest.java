package io.headrace.udp;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.headrace.ArchitectureRules;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ArchitectureTest {
    private static final JavaClasses DATAGRAMS = ArchitectureRules.classesOf("io.headrace.udp");

    @TestFactory
    Stream<DynamicTest> everywhere() {
        return ArchitectureRules.everywhere(DATAGRAMS, "UdpBackend");
    }
}
