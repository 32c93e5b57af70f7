package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** K6: who listens to everybody. */
class ExposureTest extends Case {

    @Row("K6")
    @Test
    void whoListensEverywhereWithoutProtectionIsWarnedOnce() throws Exception {
        ChildServer server = child(Servers.EVERYWHERE);
        assertThat(server.log())
                .filteredOn(line -> line.level().equals("WARN"))
                .singleElement()
                .satisfies(line -> assertThat(line.message())
                        .contains("'" + Serving.ROW + "'")
                        .contains("0.0.0.0")
                        .contains("open to whoever reaches this machine"));
        assertThat(dial(server).say("Ada\n").line()).isEqualTo("Ada");
    }

    @Row("K6")
    @Test
    void whoListensToItsOwnMachineIsNot() throws Exception {
        ChildServer server = child(Servers.LINES);
        assertThat(server.log()).noneMatch(line -> line.level().equals("WARN"));
        assertThat(dial(server).say("Ada\n").line()).isEqualTo("Hello, Ada!");
    }
}
